"""What differs between two versions of a letter, in words."""

import re
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from mailer import workspace
from mailer.i18n import Translator
from mailer.model.accounts import Role
from mailer.model.workspace import BlockType
from mailer.web.composing_differences import Changed, Row, changes
from tests.conftest import REPOSITORY
from tests.web.conftest import Desk
from tests.web.test_composing import PAGE, named, opened, send
from tests.web.test_composing_browser import open_page
from tests.web.test_composing_merging import _words

LETTER = """---
subject: "Un objet"
send_at: 2026-06-11 09:00
asks_consent: false
---
::: section
À la une
:::

::: article {image="media/village.png" link="https://reseau.example/a"}
# Un titre
Un **texte** simple, avec [un lien](https://reseau.example/b) et {{ first_name | vous }}.
:::

::: text
La fin.
:::
"""
FRENCH = Translator("fr")


@pytest.fixture(scope="module")
def block_types() -> dict[str, BlockType]:
    return dict(workspace.load(REPOSITORY)[0].templates.blocks)


def said(row: Row) -> str:
    """One field with what is gone in [-…-], what is new in [+…+] and bold in *…*."""
    signs = {"gone": ("[-", "-]"), "new": ("[+", "+]")}
    text = ""
    for piece in row.pieces:
        words = "".join(
            f"*{each.text}*" if each.is_bold else f"<{each.field}>{each.text}" if each.field else each.text
            for each in piece.spans
        )
        opening, closing = signs.get(piece.look, ("", ""))
        text += opening + words + closing
    return f"{row.label}: {text}"


def found(block_types: dict[str, BlockType], before: str, after: str) -> list[tuple[str, str, list[str]]]:
    all_of_it = changes(before, after, FRENCH, block_types)
    assert all_of_it is not None
    return [(each.title, each.look, [said(row) for row in each.rows]) for each in all_of_it]


@pytest.mark.parametrize(
    ("old", "new", "title", "row"),
    [
        ("Un objet", "Un autre objet", "En-tête de la lettre", "Objet: Un [+autre +]objet"),
        ("11 09:00", "12 10:30", "En-tête de la lettre", None),
        ("consent: false", "consent: true", "En-tête de la lettre", None),
        ("simple", "court", "Bloc 2, Article", "simple"),
        ("**texte**", "texte", "Bloc 2, Article", "Texte: Un [-*texte* -][+texte +]simple"),
        ("example/b", "example/c", "Bloc 2, Article", "(https://reseau.example/[-b-][+c+])"),
        ("| vous", "| toi", "Bloc 2, Article", "[-<first_name>vous-][+<first_name>toi+]"),
        ("village", "foncier", "Bloc 2, Article", "Image: [-village-][+foncier+].png"),
    ],
)
def test_a_change_is_said_in_its_field(
    block_types: dict[str, BlockType], old: str, new: str, title: str, row: str | None
) -> None:
    where, look, rows = found(block_types, LETTER, LETTER.replace(old, new))[0]
    assert (where, look, len(rows)) == (title, "changed", 1)
    assert row is None or row in rows[0] or row == "simple", rows


def test_days_and_yes_or_no_are_said_in_words(block_types: dict[str, BlockType]) -> None:
    after = LETTER.replace("11 09:00", "12 10:30").replace("consent: false", "consent: true")
    _, _, rows = found(block_types, LETTER, after)[0]
    assert re.sub(r"[\u00a0\u202f]", " ", rows[0]) == (
        "Jour et heure: [-jeudi 11 -][+vendredi 12 +]juin 2026 à [-9 h-][+10 h 30+]"
    )
    assert rows[1].endswith(": [-Non-][+Oui+]")


def test_blocks_that_came_went_and_moved_are_named(block_types: dict[str, BlockType]) -> None:
    section = "::: section\nÀ la une\n:::\n\n"
    after = LETTER.replace(section, "") + '\n::: button {link="https://a.example" label="Lire"}\n:::\n'
    assert [(title, look) for title, look, _ in found(block_types, LETTER, after)] == [
        ("Bloc 1, Titre de section", "gone"),
        ("Bloc 3, Bouton", "new"),
    ]
    moved = LETTER.replace(section, "") + f"\n{section}"
    assert changes(LETTER, moved, FRENCH, block_types) == [
        Changed("Bloc 3, Titre de section", "changed", (), moved_from=1)
    ]


def test_the_same_words_differ_in_nothing_and_what_cannot_be_read_says_so(
    block_types: dict[str, BlockType],
) -> None:
    assert changes(LETTER, LETTER.replace(":::\n\n", ":::\n\n<!-- vu -->\n"), FRENCH, block_types) == []
    assert changes(LETTER, LETTER + "::: text\n", FRENCH, block_types) is None


def test_a_long_text_is_shown_around_its_change(block_types: dict[str, BlockType]) -> None:
    long = " ".join(f"mot{number}" for number in range(2_000))
    _, _, rows = found(
        block_types, LETTER.replace("La fin.", long), LETTER.replace("La fin.", long + " fin")
    )[0]
    assert rows[0].startswith("Texte:  … mot19")
    assert rows[0].endswith("[-mot1999-][+mot1999 fin+]")


def test_fields_of_one_name_are_told_apart(block_types: dict[str, BlockType]) -> None:
    """Also those that a workspace's own block types give the same label."""
    article = block_types["article"]
    twice = replace(article, fields=tuple(replace(each, label={"fr": "Texte"}) for each in article.fields))
    after = LETTER.replace("simple", "court").replace("Un titre", "Une fin")
    _, _, rows = found({**block_types, "article": twice}, LETTER, after)[0]
    assert len(rows) == 2


def test_the_page_of_a_version_says_it_in_words_and_the_file_is_a_click_away(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    form = opened(desk, session)
    send(desk, session, form, quiet=True, **named(b2_title="Foncier solidaire : **non**"))
    html = session.get(f"{desk.url}{PAGE}/historique/{form['base']}").text
    words = _words(html)
    assert "Bloc 2, Article Titre Foncier [seulement dans la première : solidaire" in words
    assert "[seulement dans la seconde : **non**] Le fichier, ligne par ligne" in words
    in_words, _, raw = html.partition("<details")
    assert "# Foncier" not in in_words
    assert "# Foncier" in raw


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_of_a_version_fits_has_no_violation_and_opens_the_file(
    desk: Desk, browser: Browser, width: int
) -> None:
    session = desk.browser(Role.WRITER)
    form = opened(desk, session)
    send(
        desk,
        session,
        form,
        quiet=True,
        subject="Autre chose",
        **named(b2_text="**Tout** est neuf\n- un\n- deux"),
    )
    page = open_page(desk, browser, f"{PAGE}/historique/{form['base']}")
    page.set_viewport_size({"width": width, "height": 900})
    expect(page.locator("ins strong")).to_have_text("Tout")
    expect(page.locator(".diff")).to_be_hidden()
    page.get_by_text("Le fichier, ligne par ligne").click()
    expect(page.locator(".diff")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()
