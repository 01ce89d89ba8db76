"""Compiling: data is never a template, only known things pass, and the traps of the tools stay shut."""

from dataclasses import replace
from pathlib import Path

import pytest

from mailer.errors import WorkspaceError
from mailer.model.workspace import Block, Compiled, Workspace
from mailer.rendering import compile_issue, preflight
from mailer.rendering.mjml import to_html
from mailer.tokens import Signer
from tests.conftest import REPOSITORY
from tests.rendering.conftest import BASE_URL, NETWORK, compile_ref, copies_of, links_for
from tests.rendering.test_messages import PEOPLE

EVIL = "{{ 7*7 }} {% raw %} <mj-raw>x</mj-raw> <script>alert(1)</script> ${7*7}"


def compile_blocks(
    shipped: Workspace, *blocks: Block, subject: str = "Objet", root: Path = REPOSITORY
) -> Compiled:
    campaign = shipped.campaigns["mailing"]
    issue = replace(next(iter(campaign.issues.values())), blocks=blocks, subject=subject)
    return compile_issue(issue, campaign, shipped.templates, network=NETWORK, base_url=BASE_URL, root=root)


def test_data_is_never_part_of_a_template(shipped: Workspace, signer: Signer) -> None:
    for kind, block_type in shipped.templates.blocks.items():
        if kind in {"divider", "agenda", "file", "video"}:
            continue
        texts = {field.name: EVIL for field in block_type.fields if field.kind in {"line", "text", "alt"}}
        attributes = {
            name: text for name, text in texts.items() if name not in {"title", "text", "question", "answer"}
        }
        links = {field.name: "https://a.example/x" for field in block_type.fields if field.kind == "url"}
        block = Block(kind, {**attributes, **links}, f"# {EVIL}\n{EVIL}")
        compiled = compile_blocks(shipped, block)
        content = copies_of(compiled).content(PEOPLE[1], links_for(signer, compiled))
        assert "<script>" not in content.html
        assert "<mj-raw>" not in content.html
        assert "49" not in content.text


def test_the_doctype_keeps_readers_in_standards_mode(shipped: Workspace) -> None:
    html = compile_ref(shipped, "flash/2026-06-11").html
    assert html.startswith("<!DOCTYPE html>")
    assert html.count("<html") == 1


def test_dark_mode_rules_survive_with_their_weight(shipped: Workspace) -> None:
    html = compile_ref(shipped, "flash/2026-06-11").html
    assert "@media (prefers-color-scheme: dark)" in html
    assert "!important" in html.partition("prefers-color-scheme: dark")[2]


def test_the_language_stands_on_the_page_and_on_the_wrapper(shipped: Workspace) -> None:
    assert compile_ref(shipped, "flash/2026-06-11").html.count('lang="fr"') >= 2


@pytest.mark.parametrize("name", ["mj-include", "mj-carousel", "mj-tpyo"])
def test_an_unknown_component_is_refused(name: str) -> None:
    with pytest.raises(WorkspaceError, match=name):
        to_html(f'<mjml><mj-body><{name} path="/etc/passwd" /></mj-body></mjml>')


@pytest.mark.parametrize("path", ["../../../pyproject.toml", "/etc/passwd", "media/absent.png"])
def test_media_outside_the_campaign_are_refused(shipped: Workspace, path: str) -> None:
    block = Block(
        "article", {"image": path, "alt": "x", "link": "https://a.example", "label": "x"}, "# T\ntexte"
    )
    with pytest.raises(WorkspaceError) as caught:
        compile_blocks(shipped, block)
    assert [problem.code for problem in caught.value.problems] == ["medium-missing"]


def test_a_members_only_block_stays_out_of_a_public_campaign(shipped: Workspace) -> None:
    with pytest.raises(WorkspaceError) as caught:
        compile_blocks(shipped, Block("text", {"members_only": "yes"}, "secret"))
    assert [problem.code for problem in caught.value.problems] == ["members-only-block"]


def test_only_known_merge_fields_are_filled(shipped: Workspace, signer: Signer) -> None:
    compiled = compile_blocks(
        shipped, Block("text", {}, "{{ first_name | vous }} {{ password }} {{ first_name.x }}")
    )
    content = copies_of(compiled).content(PEOPLE[1], links_for(signer, compiled))
    assert "Élise {{ password }} {{ first_name.x }}" in content.text


def test_a_text_that_imitates_a_slot_is_refused(shipped: Workspace) -> None:
    with pytest.raises(WorkspaceError):
        compile_blocks(shipped, Block("text", {}, f"RELAIS{b'unsubscribe|'.hex()}SIALER"))


@pytest.mark.parametrize(
    ("block", "subject", "code"),
    [
        (Block("text", {}, "TODO relire"), "Objet", "leftover"),
        (Block("text", {}, "Un {{ nom }} inconnu"), "Objet", "merge-field"),
        (Block("button", {"link": "https://a.example", "label": "Cliquez ici"}), "Objet", "vague-link"),
        (Block("button", {"link": "http://a.example", "label": "Le programme"}), "Objet", "insecure-link"),
        (Block("button", {"link": "programme.html", "label": "Le programme"}), "Objet", "relative-link"),
        (Block("text", {}, "Vraiment ?"), "Objet", "typography"),
        (Block("text", {}, "x"), "", "no-subject"),
        (Block("text", {}, "x"), "o" * 61, "long-subject"),
        (Block("text", {}, "x " * 60_000), "Objet", "too-large"),
    ],
)
def test_preflight_finds_it(
    shipped: Workspace, signer: Signer, block: Block, subject: str, code: str
) -> None:
    compiled = compile_blocks(shipped, block, subject=subject)
    content = copies_of(compiled).content(PEOPLE[1], links_for(signer, compiled))
    assert code in {problem.code for problem in preflight(compiled, [content])}


def test_preflight_finds_nothing_in_the_shipped_issues(shipped: Workspace, signer: Signer) -> None:
    for campaign in shipped.campaigns.values():
        for issue in campaign.issues.values():
            compiled = compile_ref(shipped, issue.ref)
            contents = [
                copies_of(compiled).content(person, links_for(signer, compiled)) for person in PEOPLE[:2]
            ]
            assert preflight(compiled, contents) == [], issue.ref
