"""Preflight: each mistake is found, with the block that it comes from, and good mails pass."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mailer import workspace
from mailer.errors import Severity
from mailer.model.mail import Person
from mailer.model.workspace import Block
from mailer.rendering import preflight
from tests.rendering.conftest import CAMILLE, Press

FILLER = Block("text", {}, "Un texte sans faute.")


@pytest.mark.parametrize(
    ("block", "code"),
    [
        (Block("text", {}, "TODO relire"), "leftover"),
        (Block("text", {}, "La salle\u00a0: [à compléter]"), "leftover"),
        (Block("text", {}, "Un {{ nom }} inconnu"), "merge-field"),
        (Block("button", {"link": "https://a.example", "label": "Cliquez ici"}), "vague-link"),
        (Block("button", {"link": "http://a.example", "label": "Le programme"}), "insecure-link"),
        (Block("button", {"link": "programme.html", "label": "Le programme"}), "relative-link"),
        (Block("text", {}, "[Le programme](https:programme)"), "relative-link"),
        (Block("text", {}, "Vraiment ?"), "typography"),
        (Block("text", {}, "« Citation\u00a0»"), "typography"),
        (Block("text", {}, "Une fin «\u00a0longue\u00a0» **en gras** ?"), "typography"),
        (Block("text", {}, "Le mardi 4 juin, à Toulouse"), "weekday"),
        (Block("agenda", {"date": "2026-05-28"}, "# Atelier"), "past-date"),
        (Block("button", {"link": "https://bit.ly/abc", "label": "Le programme"}), "shortened-link"),
        (Block("text", {}, "Voici [ici](https://a.example)"), "vague-link"),
    ],
)
def test_a_mistake_is_found_in_its_block(press: Press, block: Block, code: str) -> None:
    issue = press.made(FILLER, block)
    compiled = press.compile(issue, press.shipped.campaigns["mailing"])
    found = preflight(compiled, [press.content(compiled)], issue=issue)
    assert [(problem.code, problem.block) for problem in found] == [(code, 2)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"subject": ""}, "no-subject"),
        ({"subject": "o" * 61}, "long-subject"),
        ({"subject": "a\r\nBcc: x@y.example"}, "header"),
        ({"preheader": ""}, "no-preheader"),
        ({"preheader": "p" * 91}, "long-preheader"),
        ({"subject": "Suite"}, "same-preheader"),
        ({"subject": "Déjà lu"}, "same-subject"),
    ],
)
def test_a_mistake_of_the_inbox_line_is_found(press: Press, changes: dict[str, str], code: str) -> None:
    compiled = press.blocks(FILLER, **changes)
    found = preflight(compiled, [press.content(compiled)], earlier_subjects=["Déjà lu"])
    assert [problem.code for problem in found] == [code]


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        (("<h1", "<h3"), "main-title"),
        (("<h1", "<script>x</script><h1"), "forbidden-element"),
        (("</body>", "<form></form></body>"), "forbidden-element"),
        (("</head>", "<style>@import 'x'</style></head>"), "remote-style"),
        (("</body>", '<img src="https://cdn.example/a.png" alt="a"></body>'), "foreign-image"),
        (("</body>", '<img src="x"></body>'), "image-alt"),
        (("<h2", "<h5"), "heading-skipped"),
        (("<h2", '<h2 style="display:grid"'), "client-support"),
        (("<h2", "<svg></svg><h2"), "client-support"),
        (("<h2", '<h2 style="width:calc(1px + 1em)"'), "client-support"),
    ],
)
def test_a_mistake_of_a_template_is_found(press: Press, spoilt: tuple[str, str], code: str) -> None:
    compiled = press.blocks(Block("section", {}, "À la une"))
    compiled = replace(compiled, html=compiled.html.replace(*spoilt))
    assert code in {problem.code for problem in preflight(compiled, [press.content(compiled)])}


@pytest.mark.parametrize(("paragraphs", "code"), [(700, "large"), (800, "too-large"), (100, None)])
def test_the_size_that_counts_is_that_of_the_encoded_part(
    press: Press, paragraphs: int, code: str | None
) -> None:
    compiled = press.blocks(Block("text", {}, "Été comme hiver, la même équipe. " * 2 * paragraphs))
    found = preflight(compiled, [press.content(compiled)])
    assert [problem.code for problem in found] == ([code] if code else [])


def test_a_layout_without_a_way_out_is_blocking(press: Press) -> None:
    compiled = press.blocks(FILLER)
    without = replace(compiled, text="Bonjour")
    found = preflight(without, [press.content(without)])
    assert [problem.code for problem in found] == ["no-unsubscribe", "no-preferences"]
    assert {problem.severity for problem in found} == {Severity.BLOCKING}


def test_a_mail_that_does_not_say_who_writes_is_blocking(press: Press) -> None:
    compiled = press.blocks(FILLER)
    contents = [press.content(compiled)]
    who = ("Réseau des territoires solidaires", "12 rue des Communs, 31000 Toulouse")
    assert preflight(compiled, contents, identity=who) == []
    found = preflight(compiled, contents, identity=(*who, "Somebody else"))
    assert [(each.code, each.severity) for each in found] == [("no-sender", Severity.BLOCKING)]


@pytest.mark.parametrize(
    ("issue", "place"),
    [
        ({"blocks": (FILLER, Block("article", {}, "# TODO\nTexte."))}, (2, "title")),
        ({"blocks": (FILLER, Block("article", {}, "# Titre\nTODO"))}, (2, "text")),
        ({"blocks": (Block("quote", {"author": "TODO"}, "Une phrase."),)}, (1, "author")),
        ({"blocks": (FILLER,), "subject": "TODO"}, (None, "subject")),
        ({"blocks": (FILLER,), "preheader": "TODO"}, (None, "preheader")),
    ],
)
def test_a_mistake_names_its_field(
    press: Press, issue: dict[str, Any], place: tuple[int | None, str]
) -> None:
    blocks = issue.pop("blocks")
    made = press.made(*blocks, **issue)
    compiled = press.compile(made, press.shipped.campaigns["mailing"])
    types = press.shipped.templates.blocks
    found = preflight(compiled, [press.content(compiled)], issue=made, block_types=types)
    assert [(each.code, each.block, each.field) for each in found] == [("leftover", *place)]


def test_what_a_program_lacks_is_named_with_the_programs(press: Press) -> None:
    compiled = press.blocks(Block("section", {}, "À la une"))
    spoilt = replace(compiled, html=compiled.html.replace("<h2", '<h2 style="display:grid"'))
    (found,) = [each for each in preflight(spoilt, [press.content(spoilt)]) if each.code == "client-support"]
    assert (found.values["feature"], found.severity) == ("display-grid", Severity.WARNING)
    assert "Outlook (Windows)" in str(found.values["clients"])


def test_a_name_is_no_leftover_and_no_merge_field(press: Press) -> None:
    compiled = press.blocks(Block("text", {}, "Bonjour {{ first_name | vous }},"))
    people = [Person("a@b.example", name) for name in ("TODO", "{{ nom }}", "Lorem ipsum", "[à compléter]")]
    assert preflight(compiled, [press.content(compiled, person) for person in people]) == []


def test_a_mistake_is_found_in_its_line_whatever_other_blocks_say(press: Press) -> None:
    """“ici” is a part of “voici”: the link itself counts first."""
    source = '---\nsubject: "Objet"\npreheader: "Suite"\n---\n::: text\nVoici la suite.\n:::\n\n'
    source += '::: button {link="https://a.example" label="ici"}\n:::\n'
    path = Path("campaigns/mailing/x.md")
    issue, problems = workspace.read_issue(source, campaign="mailing", slug="x", path=path)
    assert problems == []
    compiled = press.compile(issue, press.shipped.campaigns["mailing"])
    found = preflight(compiled, [press.content(compiled)], issue=issue)
    assert [(problem.code, problem.path, problem.line, problem.block) for problem in found] == [
        ("vague-link", path, 9, 2)
    ]


def test_a_heavy_image_is_found(press: Press, tmp_path: Path) -> None:
    compiled = press.blocks(Block("article", {"image": "media/reunion.png", "alt": "Réunion"}, "# T\nTexte."))
    heavy = tmp_path / "photo.png"
    heavy.write_bytes(b"x" * 300_000)
    compiled = replace(compiled, media=dict.fromkeys(compiled.media, heavy))
    found = preflight(compiled, [press.content(compiled)])
    assert [(problem.code, problem.values["size"]) for problem in found] == [("heavy-image", 292)]


@pytest.mark.parametrize(
    ("colours", "code"),
    [
        ({"text": "#999999"}, "contrast"),
        ({"accent": "#7fb5b3"}, "contrast"),
        ({"quiet": "#8a918e"}, "contrast"),
        ({"text": "#444"}, None),
    ],
)
def test_words_too_faint_for_their_ground_are_found(
    press: Press, colours: dict[str, str], code: str | None
) -> None:
    templates = press.shipped.templates
    theme = {**templates.theme, "colours": {**templates.theme["colours"], **colours}}
    issue = press.made(Block("text", {}, "Un texte et [un lien utile](https://a.example)."))
    campaign = press.shipped.campaigns["mailing"]
    compiled = press.compile(issue, campaign, replace(templates, theme=theme))
    found = {problem.code for problem in preflight(compiled, [press.content(compiled)])}
    assert found == ({code} if code else set())


def test_the_same_mistake_in_many_copies_is_said_once(press: Press) -> None:
    compiled = press.blocks(FILLER, subject="o" * 70)
    assert len(preflight(compiled, [press.content(compiled)] * 5)) == 1


def test_a_long_name_in_the_subject_counts(press: Press) -> None:
    compiled = press.blocks(FILLER, subject="Bonjour {{ first_name | vous }}")
    copies = [press.content(compiled, person) for person in (CAMILLE, Person("b@c.example", "M" * 60))]
    assert [problem.code for problem in preflight(compiled, copies)] == ["long-subject"]


def test_nothing_is_wrong_with_the_shipped_issues(press: Press) -> None:
    for campaign in press.shipped.campaigns.values():
        for issue in campaign.issues.values():
            compiled = press.issue(issue.ref)
            copies = [press.content(compiled), press.content(compiled, Person("a@b.example"))]
            assert preflight(compiled, copies, issue=issue) == [], issue.ref


def test_a_word_of_a_hundred_thousand_letters_is_read_once(press: Press) -> None:
    """Looking back to the start of the word from each of its letters took minutes."""
    compiled = press.blocks(Block("text", {}, "a" * 100_000 + " ?"))
    found = preflight(compiled, [press.content(compiled)])
    assert [problem.code for problem in found] == ["too-large", "typography"]
    assert len(str(found[1].values["text"])) < 50


def test_a_merge_field_beside_a_missing_blank_is_said_as_an_ellipsis(press: Press) -> None:
    compiled = press.blocks(FILLER, Block("text", {}, "À {{ organisation | vous }} : bonjour"))
    found = preflight(compiled, [press.content(compiled)])
    assert [(problem.code, problem.values["text"]) for problem in found] == [("typography", "… :")]
