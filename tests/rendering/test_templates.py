"""The shipped templates keep what docs/reference/templates.md says of all of them."""

import re
import shutil
from itertools import product
from pathlib import Path

import pytest

from mailer import workspace
from mailer.i18n import Translator
from mailer.model.workspace import Block
from mailer.rendering.templating import Form, template_sources
from tests.conftest import REPOSITORY
from tests.gates.colours import _colour, contrast
from tests.rendering.conftest import Press

TEXTS = ("text", "quiet", "accent")
GROUNDS = ("surface", "soft", "page")


@pytest.mark.parametrize("form", Form)
def test_every_word_of_a_template_has_its_french_form(press: Press, form: Form) -> None:
    french = Translator("fr")
    for name, source in template_sources(press.shipped.templates, form).items():
        for word in re.findall(r"""\bt\(\s*["']([^"']+)["']""", source):
            assert french(word) != word or word == "Publication", f"{name}: {word}"


@pytest.mark.parametrize("palette", ["colours", "dark"])
def test_every_text_has_contrast_on_every_ground(press: Press, palette: str) -> None:
    colours = press.shipped.templates.theme[palette]
    pairs = [*product(TEXTS, GROUNDS), ("on_accent", "accent")]
    for text, ground in pairs:
        found = contrast(_colour(colours[text]), _colour(colours[ground]))
        assert found >= 4.5, (palette, text, ground, found)


def test_no_template_names_a_colour_of_its_own() -> None:
    """theme.toml is the one place for the look."""
    for path in (REPOSITORY / "templates").rglob("*.mjml.j2"):
        assert not re.search(
            r"#[0-9a-fA-F]{3,8}\b(?!;)", re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"))
        ), path


def test_every_block_and_layout_is_in_the_reference(press: Press) -> None:
    page = (REPOSITORY / "docs/reference/templates.md").read_text("utf-8")
    templates = press.shipped.templates
    for kind, block in templates.blocks.items():
        assert f"| `{kind}` |" in page
        row = next(line for line in page.splitlines() if line.startswith(f"| `{kind}` |"))
        assert [field.name for field in block.fields if f"`{field.name}`" not in row] == [], kind
    assert [name for name in templates.layouts if f"`{name}`" not in page] == []


def test_the_block_type_of_the_how_to_works(press: Press, tmp_path: Path) -> None:
    page = (REPOSITORY / "docs/how-to/make-a-block-type.md").read_text("utf-8")
    parts = [
        re.sub(r"^   ", "", part, flags=re.MULTILINE)
        for part in re.findall(r"```\w*\n(.*?)```", page, re.DOTALL)
    ]
    shutil.copytree(REPOSITORY / "templates", tmp_path / "templates")
    *files, written = parts
    for end, part in zip((".toml", ".mjml.j2", ".txt.j2"), files, strict=True):
        (tmp_path / "templates/blocks" / f"offre{end}").write_text(part, "utf-8")
    found, problems = workspace.load(tmp_path)
    assert problems == []
    issue, problems = workspace.read_issue(
        f"---\nsubject: Objet\n---\n{written}", campaign="mailing", slug="x", path=Path("x.md")
    )
    assert problems == []
    campaign = press.shipped.campaigns["mailing"]
    content = press.content(press.compile(press.made(*issue.blocks), campaign, found.templates))
    for part in (content.html, content.text):
        assert "Mardi 30\u00a0juin 2026" in part
        assert "https://reseau.example/offre" in part
    assert "<strong>douze sites</strong>" in content.html


def test_a_list_in_a_list_stands_close_to_its_item(press: Press) -> None:
    compiled = press.blocks(Block("text", {}, "- un\n  - dedans\n- deux"))
    outer, inner = re.findall(r'<ul style="([^"]*)"', compiled.html)
    assert ("margin:0 0 8px" in outer, "margin:0;" in inner) == (True, True), (outer, inner)
    assert "- un\n  - dedans\n- deux" in compiled.text
