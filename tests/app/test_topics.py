"""Titles of topics follow the files, and are not read again while these stay as they are."""

import os
from pathlib import Path

from mailer.app.shipped import init_workspace
from mailer.app.topics import TopicTitles


def test_a_changed_title_is_seen(tmp_path: Path) -> None:
    init_workspace(tmp_path / "w")
    titles = TopicTitles(tmp_path / "w")
    file = tmp_path / "w" / "campaigns" / "flash" / "campaign.toml"
    assert titles()["flash"] == "Flash hebdo"
    file.write_text(file.read_text("utf-8").replace("Flash hebdo", "Le Flash du jeudi"), "utf-8")
    assert titles()["flash"] == "Le Flash du jeudi"


def test_what_did_not_change_is_not_read_again(tmp_path: Path) -> None:
    init_workspace(tmp_path / "w")
    titles = TopicTitles(tmp_path / "w")
    file = tmp_path / "w" / "campaigns" / "flash" / "campaign.toml"
    seen = file.stat()
    assert titles()["flash"] == "Flash hebdo"
    file.write_text(file.read_text("utf-8").replace("Flash hebdo", "Flash HEBDO"), "utf-8")
    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert titles()["flash"] == "Flash hebdo"


def test_a_workspace_without_campaigns_has_no_titles(tmp_path: Path) -> None:
    assert TopicTitles(tmp_path)() == {}
