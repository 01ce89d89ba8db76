"""`mailer preview` writes a page that can be looked at as it is."""

import re
from pathlib import Path

from tests.cli.conftest import Command


def test_the_page_holds_its_pictures(network: Path, command: Command) -> None:
    found = command("preview", "newsletter/2026-06", "--out", network / "preview", "--json")
    assert found.status == 0
    page = (network / "preview/preview.html").read_text("utf-8")
    shown = re.findall(r'<img[^>]* src="([^"]{0,30})', page)
    assert shown
    assert all(each.startswith("data:image/") for each in shown)
    assert found.json["bytes"] < 102_400 < len(page)
