"""Saving an issue is atomic, keeps what people wrote, and never leaves the workspace."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailer import workspace
from mailer.errors import InputError, NotFoundError, WorkspaceError
from mailer.model.workspace import Block, Issue
from tests.workspace.conftest import ISSUE, write

ISSUE_FILE = "campaigns/flash/2026-06-11.md"


def issue_of(root: Path) -> Issue:
    return workspace.load(root)[0].campaigns["flash"].issues["2026-06-11"]


def test_a_saved_issue_keeps_comments_and_every_other_line(root: Path) -> None:
    issue = issue_of(root)
    path = workspace.save_issue(root, replace(issue, subject="Repères de l'été", number=48))
    expected = ISSUE.replace("Repères de juin", "Repères de l'été").replace("47", "48")
    assert path == root / ISSUE_FILE
    assert path.read_text("utf-8") == expected


def test_a_new_issue_is_written_whole_and_read_again(root: Path) -> None:
    issue = replace(issue_of(root), slug="2026-06-18", path=Path("campaigns/flash/2026-06-18.md"), number=48)
    workspace.save_issue(root, issue)
    found, problems = workspace.load(root)
    assert problems == []
    assert found.campaigns["flash"].issues["2026-06-18"] == issue


def test_saving_leaves_no_other_file_and_keeps_the_mode(root: Path) -> None:
    (root / ISSUE_FILE).chmod(0o664)
    before = sorted(root.rglob("*"))
    workspace.save_issue(root, replace(issue_of(root), subject="Autre"))
    assert sorted(root.rglob("*")) == before
    assert (root / ISSUE_FILE).stat().st_mode & 0o777 == 0o664


def test_a_file_that_somebody_broke_is_not_overwritten(root: Path) -> None:
    issue = issue_of(root)
    broken = ISSUE + "Une note perdue\n"
    write(root, ISSUE_FILE, broken)
    with pytest.raises(WorkspaceError, match="outside of any block"):
        workspace.save_issue(root, issue)
    assert (root / ISSUE_FILE).read_text("utf-8") == broken


@pytest.mark.parametrize("slug", ["../flash/2026", "..", "a/b", "", "É", ".cache"])
def test_a_name_that_leads_elsewhere_is_refused(root: Path, slug: str) -> None:
    before = sorted(root.rglob("*"))
    with pytest.raises(InputError, match="cannot be the name"):
        workspace.save_issue(root, replace(issue_of(root), slug=slug))
    assert sorted(root.rglob("*")) == before


def test_a_link_that_leads_outside_is_not_written_through(root: Path, tmp_path: Path) -> None:
    issue = issue_of(root)
    outside = write(tmp_path, "ailleurs.md", ISSUE)
    (root / ISSUE_FILE).unlink()
    (root / ISSUE_FILE).symlink_to(outside)
    with pytest.raises(InputError, match="outside of the workspace"):
        workspace.save_issue(root, replace(issue, subject="Autre"))
    assert outside.read_text("utf-8") == ISSUE


def test_a_campaign_without_a_folder_is_not_made_up(root: Path) -> None:
    with pytest.raises(NotFoundError, match="Create the campaign first"):
        workspace.save_issue(root, replace(issue_of(root), campaign="lettres"))


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x85", "\u2028", "\r", "\ud800"])
def test_an_issue_with_a_control_character_is_refused(root: Path, character: str) -> None:
    with pytest.raises(InputError, match="control character"):
        workspace.save_issue(root, replace(issue_of(root), subject=f"a{character}b"))
    assert (root / ISSUE_FILE).read_text("utf-8") == ISSUE


def test_line_breaks_of_web_forms_become_line_feeds(root: Path) -> None:
    issue = issue_of(root)
    blocks = (replace(issue.blocks[0], body="À la une\r\nbis"), issue.blocks[1])
    path = workspace.save_issue(root, replace(issue, blocks=blocks))
    assert path.read_bytes().decode() == ISSUE.replace("À la une", "À la une\nbis")


@pytest.mark.parametrize("value", [["a"], None, float("nan"), datetime(2026, 6, 11, tzinfo=UTC)])
def test_a_value_that_would_not_be_read_again_is_refused(root: Path, value: object) -> None:
    with pytest.raises(InputError, match="tags"):
        workspace.save_issue(root, replace(issue_of(root), front={"tags": value}))


def test_an_hour_with_a_zone_is_refused_because_files_hold_local_hours(root: Path) -> None:
    with pytest.raises(InputError, match="send_at"):
        workspace.save_issue(root, replace(issue_of(root), send_at=datetime(2026, 6, 11, 7, tzinfo=UTC)))


@pytest.mark.parametrize("name", ["", "Titre", "a b", "a}b", 'a"', "a\nb"])
def test_a_name_that_would_break_a_line_is_refused(root: Path, name: str) -> None:
    issue = issue_of(root)
    with pytest.raises(InputError, match="cannot be a name"):
        workspace.save_issue(root, replace(issue, blocks=(Block(kind=name),)))
    with pytest.raises(InputError, match="cannot be a name"):
        workspace.save_issue(root, replace(issue, blocks=(Block(kind="text", attributes={name: "x"}),)))


def test_a_number_below_one_is_refused(root: Path) -> None:
    with pytest.raises(InputError, match="number"):
        workspace.save_issue(root, replace(issue_of(root), number=0))
