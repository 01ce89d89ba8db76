"""The MJML that is compiled twice: every block, its other forms, every layout, and what one's own templates may hold."""

import tomllib
from dataclasses import replace
from pathlib import Path

from mailer import workspace
from mailer.model.workspace import Issue
from tests.rendering.conftest import Press

HERE = Path(__file__).parent
LAYOUTS = ("newsletter", "flash", "mailing")
_TEXT = "<mj-text>a</mj-text>"
_PICTURE = '<mj-image src="https://a.example/i.png" alt="" />'
_PAGE = '<mjml><mj-body width="600px">{}</mj-body></mjml>'


def sources(press: Press) -> dict[str, str]:
    """Name -> MJML; the content of shipped issues, which change often, is not among it."""
    return {**_blocks(press), **_layouts(press), **_constructs()}


def issues(press: Press) -> dict[str, str]:
    """Name -> MJML of every shipped issue."""
    return {
        f"issue {slug}/{name}": press.mjml(issue, campaign)
        for slug, campaign in press.shipped.campaigns.items()
        for name, issue in campaign.issues.items()
    }


def _blocks(press: Press) -> dict[str, str]:
    found = {}
    for name in ("samples", "variants"):
        for number, block in enumerate(_read(name).blocks, start=1):
            made = press.made(block, subject="Objet")
            found[f"block {block.kind}, {name} {number}"] = press.mjml(
                made, press.shipped.campaigns["mailing"]
            )
    return found


def _layouts(press: Press) -> dict[str, str]:
    campaign = press.shipped.campaigns["mailing"]
    return {
        f"layout {name}": press.mjml(_read("samples"), replace(campaign, layout=name)) for name in LAYOUTS
    }


def _read(name: str) -> Issue:
    path = HERE.parent / f"{name}.md"
    issue, problems = workspace.read_issue(path.read_text("utf-8"), campaign="mailing", slug=name, path=path)
    assert problems == []
    return issue


def _constructs() -> dict[str, str]:
    written: dict[str, str] = tomllib.loads((HERE / "constructs.toml").read_text("utf-8"))
    return {
        f"construct {name}": _PAGE.format(text.replace(">T<", f">{_TEXT}<").replace(">I<", f">{_PICTURE}<"))
        for name, text in written.items()
    }
