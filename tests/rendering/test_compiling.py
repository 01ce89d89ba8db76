"""Compiling: data is never a template, only known things pass, and the traps of the tools stay shut."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from markupsafe import escape

from mailer.errors import WorkspaceError
from mailer.model.workspace import Block, FieldKind, FieldSource
from mailer.rendering import compile_issue
from mailer.rendering.inlining import inlined
from mailer.rendering.mjml import to_html
from tests.conftest import REPOSITORY
from tests.rendering.conftest import BASE_URL, NETWORK, Press

EVIL = "{{ 7*7 }} {% raw %} <mj-raw>x</mj-raw> <script>alert(1)</script> ${7*7} {{ campaign }} </mj-text>"


def full_block(press: Press, kind: str, text: str) -> Block:
    """A block of that kind with `text` in every field that people write."""
    attributes, heading, body = {}, "", ""
    for field in press.shipped.templates.blocks[kind].fields:
        value = {FieldKind.URL: "https://a.example/x", FieldKind.DATE: "2026-06-18"}.get(field.kind, text)
        if field.kind in {FieldKind.IMAGE, FieldKind.FILE}:
            value = "media/reunion.png"
        if field.source is FieldSource.ATTRIBUTE:
            attributes[field.name] = value
        elif field.source is FieldSource.HEADING:
            heading = f"# {value}\n"
        else:
            body = value
    return Block(kind, attributes, heading + body)


def test_data_is_never_part_of_a_template(press: Press) -> None:
    for kind in set(press.shipped.templates.blocks) - {"divider"}:
        compiled = press.blocks(full_block(press, kind, EVIL), subject=EVIL, preheader=EVIL)
        content = press.content(compiled)
        shown = html.document_fromstring(content.html).text_content()
        assert "<script" not in content.html
        assert "<mj-" not in content.html
        assert "49" not in re.sub(r"https://\S+", "", shown + content.text)
        for part in (shown, content.text, content.subject):
            assert "{{ 7*7 }} {% raw %}" in " ".join(part.split()), kind


def test_a_block_of_every_kind_may_be_empty(press: Press) -> None:
    """The composer shows a block before anything is written in it."""
    for kind in press.shipped.templates.blocks:
        assert press.blocks(Block(kind)).html.startswith("<!DOCTYPE html>")


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20))
def test_what_is_written_arrives_in_attributes_and_text(text: str) -> None:
    """mjml-python writes attributes as Rust shows strings: a no-break space became `\\u{a0}`."""
    text = f"a\u00a0b\u202fc\\d{text}e"
    source = f'<mj-image src="x" alt="{escape(text)}" /><mj-text><h1>{escape(text)}</h1></mj-text>'
    mjml = f"<mjml><mj-body><mj-section><mj-column>{source}</mj-column></mj-section></mj-body></mjml>"
    tree = html.document_fromstring(inlined(to_html(mjml)))
    assert [each.get("alt") for each in tree.iter("img")] == [text]
    assert [each.text_content() for each in tree.iter("h1")] == [text]


def test_the_doctype_keeps_readers_in_standards_mode(press: Press) -> None:
    found = press.issue("flash/2026-06-11").html
    assert found.startswith("<!DOCTYPE html>")
    assert found.count("<html") == 1


def test_dark_mode_rules_survive_with_their_weight(press: Press) -> None:
    found = press.issue("flash/2026-06-11").html
    assert '<meta name="color-scheme" content="light dark">' in found
    rules = found.partition("@media (prefers-color-scheme: dark)")[2].partition("</style>")[0]
    assert rules.count("!important") > 10


def test_nothing_is_fetched(press: Press) -> None:
    tree = html.document_fromstring(press.issue("newsletter/2026-06").html)
    assert not list(tree.iter("link", "script"))
    assert all(each.get("src").startswith(f"{BASE_URL}/media/") for each in tree.iter("img"))


def test_outlook_gets_the_width_that_a_picture_has(press: Press) -> None:
    tree = html.document_fromstring(press.issue("newsletter/2026-06").html)
    assert {each.get("width") for each in tree.iter("img")} == {"544", "140"}


@pytest.mark.parametrize("layout", ["newsletter", "flash", "mailing"])
def test_titles_form_one_outline(press: Press, layout: str) -> None:
    title, section = Block("text", {}, "x"), Block("section", {}, "À la une")
    article = Block("article", {}, "# Titre\ntexte")
    compiled = press.blocks(title, article, section, article, section, campaign=layout)
    levels = [
        int(each.tag[1]) for each in html.document_fromstring(compiled.html).iter("h1", "h2", "h3", "h4")
    ]
    assert levels == [1, 2, 2, 3, 2]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_links_are_numbered_in_the_order_of_the_mail(press: Press) -> None:
    first = Block(
        "text", {}, "[un](https://a.example/1) et [deux](https://a.example/2), [un](https://a.example/1)"
    )
    second = Block("button", {"link": "https://a.example/3", "label": "Trois"})
    compiled = press.blocks(first, second)
    assert compiled.links == ("https://a.example/1", "https://a.example/2", "https://a.example/3")
    assert compiled.link_labels == ("un", "deux", "Trois")


def test_media_are_named_by_their_content(press: Press) -> None:
    compiled = press.issue("flash/2026-06-11")
    for name, path in compiled.media.items():
        assert path.is_relative_to(REPOSITORY / "campaigns/flash")
        assert f"{BASE_URL}/media/{name}" in compiled.html


@pytest.mark.parametrize(
    "path", ["../../../pyproject.toml", "/etc/passwd", "media/absent.png", "a\x00b", "x" * 5000]
)
def test_media_outside_the_campaign_are_refused(press: Press, path: str) -> None:
    with pytest.raises(WorkspaceError) as caught:
        press.blocks(Block("article", {"image": path, "alt": "x"}, "# T\ntexte"))
    assert [problem.code for problem in caught.value.problems] == ["medium-missing"]
    assert caught.value.problems[0].block == 1


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "vbscript:x", " JavaScript:x"])
def test_an_address_that_runs_code_is_refused(press: Press, link: str) -> None:
    with pytest.raises(WorkspaceError) as caught:
        press.blocks(Block("button", {"link": link, "label": "x"}))
    assert [problem.code for problem in caught.value.problems] == ["link-scheme"]
    assert "href" not in press.blocks(Block("text", {}, f"[x]({link.strip()})")).text


def test_a_members_only_block_stays_out_of_a_public_campaign(press: Press) -> None:
    with pytest.raises(WorkspaceError) as caught:
        press.blocks(Block("text", {"members_only": "yes"}, "secret"))
    assert [problem.code for problem in caught.value.problems] == ["members-only-block"]
    assert "secret" in press.blocks(Block("text", {"members_only": "yes"}, "secret"), campaign="flash").text


def test_only_known_merge_fields_are_filled(press: Press) -> None:
    text = "{{ first_name | vous }} {{ password }} {{ first_name.x }} {{organisation}}"
    content = press.content(press.blocks(Block("text", {}, text), subject="{{ last_name | Objet }}"))
    assert "Camille {{ password }} {{ first_name.x }} Ville de Limoges" in content.text
    assert content.subject == "Exemple"
    assert "<title>Exemple</title>" in content.html


def test_a_text_that_imitates_a_slot_is_refused(press: Press) -> None:
    with pytest.raises(WorkspaceError):
        press.blocks(Block("text", {}, f"RELAIS{b'unsubscribe|'.hex()}SIALER"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("&#82;ELAIS00SIALER", "reserved-text"),
        ("<https://a.example/%52ELAIS00SIALER>", "reserved-text"),
        ("&#82;ELAIS" + b"link|7".hex() + "SIALER", "reserved-text"),
        ("a&#12;b", "control-character"),
        ("<https://a.example/%01>", "control-character"),
    ],
)
def test_what_markdown_makes_of_a_text_is_checked_as_well(press: Press, text: str, code: str) -> None:
    with pytest.raises(WorkspaceError) as caught:
        press.blocks(Block("text", {}, text))
    assert [problem.code for problem in caught.value.problems] == [code]


def test_private_characters_are_text_like_any_other(press: Press) -> None:
    """They stand for marks while lines are wrapped: a symbol font pasted from a word processor has some, too."""
    text = "a\ue000b \ue000\ue100 \ue001\uf0b7 {{ first_name | x }}\ue001"
    assert (
        "a\ue000b \ue000\ue100 \ue001\uf0b7 Camille\ue001"
        in press.content(press.blocks(Block("text", {}, text))).text
    )


def test_mjml_that_cannot_be_read_is_a_problem() -> None:
    with pytest.raises(WorkspaceError) as caught:
        to_html("<mjml><mj-body>\x01</mj-body></mjml>")
    assert [problem.code for problem in caught.value.problems] == ["mjml"]


def test_every_problem_is_reported_at_once(press: Press) -> None:
    blocks = (
        Block("nothing"),
        Block("agenda", {"date": "demain"}, "# T"),
        Block("file", {"file": "x"}, "# T"),
    )
    with pytest.raises(WorkspaceError) as caught:
        press.blocks(*blocks)
    assert [(each.code, each.block) for each in caught.value.problems] == [
        ("unknown-block", 1), ("date", 2), ("medium-missing", 3),
    ]  # fmt: skip


def test_text_keeps_its_no_break_spaces_and_its_lines_short(press: Press) -> None:
    text = press.content(press.issue("newsletter/2026-06")).text
    assert "habitants\u00a0:" in text
    assert all(len(line) <= 76 or "://" in line for line in text.split("\n"))


def test_a_quotation_is_wrapped_once_with_its_marks(press: Press) -> None:
    text = press.content(press.blocks(Block("quote", {}, "une citation assez longue " * 8))).text
    lines = text.partition("«")[2].partition("»")[0].split("\n")
    assert len(lines) == 3
    assert all(len(line) > 60 for line in lines[:2])


def test_other_lines_of_an_item_stand_under_its_words(press: Press) -> None:
    items = f"- {'mot ' * 30}\n  1. {'mot ' * 30}"
    text = press.content(press.blocks(Block("text", {}, items))).text
    assert re.search(r"^- mot .*\n  mot ", text, re.MULTILINE)
    assert re.search(r"^  1\. mot .*\n     mot ", text, re.MULTILINE)


def test_an_address_that_is_its_own_words_is_written_once(press: Press) -> None:
    text = "[a@b.example](mailto:a@b.example), [+33123](tel:+33123), [vous](mailto:a@b.example)"
    content = press.content(press.blocks(Block("text", {}, text)))
    assert "a@b.example, +33123, vous <mailto:a@b.example>" in content.text


def test_two_empty_lines_stand_between_blocks_and_one_inside(press: Press) -> None:
    first, second = Block("article", {}, "# Un\nTexte."), Block("article", {}, "# Deux\nTexte.")
    assert "Un\n\nTexte.\n\n\nDeux\n\nTexte." in press.content(press.blocks(first, second)).text


def test_a_date_at_the_head_of_a_line_has_a_capital(press: Press) -> None:
    content = press.content(press.blocks(Block("agenda", {"date": "2026-07-02", "place": "Toulouse"}, "# T")))
    assert "Jeudi 2\u00a0juillet 2026\nToulouse\n" in content.text
    assert "<b>Jeudi 2\u00a0juillet 2026</b>" in content.html


def test_without_a_confinement_the_result_is_the_same(press: Press) -> None:
    campaign = press.shipped.campaigns["flash"]
    issue = campaign.issues["2026-06-11"]
    alone = compile_issue(
        issue, campaign, press.shipped.templates, network=NETWORK, base_url=BASE_URL, root=REPOSITORY
    )
    assert alone == press.issue("flash/2026-06-11")


def test_an_english_campaign_speaks_english(press: Press) -> None:
    campaign = replace(press.shipped.campaigns["flash"], language="en")
    text = press.compile(campaign.issues["2026-06-11"], campaign).text
    assert "Unsubscribe: " in text
    assert "Thursday 2\u00a0July 2026" in text
