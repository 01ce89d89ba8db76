"""A small workspace of its own for each test: one layout, a few block types, one campaign, one issue."""

from pathlib import Path

import pytest
from PIL import Image

BLOCKS = {
    "section": """
        [[fields]]
        name = "title"
        kind = "line"
        source = "body"
        label = {fr = "Titre", en = "Title"}
        required = true
        maximum = 40
    """,
    "article": """
        [[fields]]
        name = "title"
        kind = "line"
        source = "heading"
        label = {fr = "Titre", en = "Title"}
        required = true
        [[fields]]
        name = "text"
        kind = "text"
        source = "body"
        label = {fr = "Texte", en = "Text"}
        [[fields]]
        name = "image"
        kind = "image"
        source = "attribute"
        label = {fr = "Image", en = "Image"}
        [[fields]]
        name = "alt"
        kind = "alt"
        source = "attribute"
        label = {fr = "Texte alternatif", en = "Alternative text"}
        [[fields]]
        name = "link"
        kind = "url"
        source = "attribute"
        label = {fr = "Lien", en = "Link"}
    """,
    "agenda": """
        [[fields]]
        name = "date"
        kind = "date"
        source = "attribute"
        label = {fr = "Date", en = "Date"}
        required = true
        [[fields]]
        name = "tone"
        kind = "choice"
        source = "attribute"
        label = {fr = "Ton", en = "Tone"}
        choices = ["calm", "warm"]
    """,
    "divider": "",
}
CAMPAIGN = """title = "Flash hebdo"
topic = "flash"
segment = "adherents"
layout = "flash"
rhythm = "weekly"

[sender]
name = "Le réseau"
address = "flash@reseau.example"
"""
ISSUE = """---
subject: "Repères de juin"  # soixante signes au plus
number: 47
---
::: section
À la une
:::
<!-- à relire -->
::: article {image="media/place.png" alt="Place de village" link="https://reseau.example/appel"}
# L'appel ouvre
Douze territoires.
:::
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace without a mistake."""
    root = tmp_path / "lettres"
    write(root, "templates/theme.toml", 'name = "Calme"\n')
    for suffix in ("mjml", "txt"):
        write(root, f"templates/layouts/flash.{suffix}.j2", "{{ blocks }}")
        for kind in BLOCKS:
            write(root, f"templates/blocks/{kind}.{suffix}.j2", "{{ title }}")
    for kind, fields in BLOCKS.items():
        label = f'label = {{fr = "{kind}", en = "{kind}"}}\n'
        write(root, f"templates/blocks/{kind}.toml", label + fields.replace("        ", ""))
    write(root, "audiences/adherents.toml", 'title = "Adhérents"\nmembers_only = true\n')
    write(root, "campaigns/flash/campaign.toml", CAMPAIGN)
    write(root, "campaigns/flash/2026-06-11.md", ISSUE)
    write(root, "mailer.toml", 'language = "fr"\n')
    (root / "campaigns/flash/media").mkdir()
    Image.new("RGB", (4, 4), "#0d5c59").save(root / "campaigns/flash/media/place.png")
    return root


def write(root: Path, path: str, text: str) -> Path:
    """A file of the workspace, with its folders."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(text.encode())
    return target
