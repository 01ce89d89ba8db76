"""A new workspace is complete, or not there at all."""

import shutil
from pathlib import Path

import pytest

from mailer import settings, workspace
from mailer.errors import NotFoundError, RefusedError
from tests.conftest import REPOSITORY
from tests.workspace.conftest import ISSUE, write


def test_a_new_workspace_loads_without_problems(root: Path, tmp_path: Path) -> None:
    written = workspace.init(tmp_path / "deep" / "nouveau", root)
    found, problems = workspace.load(tmp_path / "deep" / "nouveau")
    assert problems == []
    assert set(found.campaigns["flash"].issues) == {"2026-06-11"}
    assert tmp_path / "deep/nouveau/mailer.toml" in written
    assert all(path.is_file() for path in written)


def test_only_the_latest_issue_and_its_files_are_taken(root: Path, tmp_path: Path) -> None:
    write(root, "campaigns/flash/2026-06-04.md", ISSUE)
    write(root, "campaigns/flash/media/old.txt", "x")
    written = workspace.init(tmp_path / "nouveau", root)
    names = {path.name for path in written if "campaigns" in path.parts}
    assert names == {"campaign.toml", "2026-06-11.md", "place.png"}


def test_letters_without_an_hour_are_taken_too(root: Path, tmp_path: Path) -> None:
    """A frame sorts behind every date: it is no letter to begin with, and its campaign needs it."""
    write(root, "campaigns/flash/cadre.md", ISSUE)
    for day in ("2026-06-11", "2026-06-04"):
        write(root, f"campaigns/flash/{day}.md", ISSUE.replace("subject:", f"send_at: {day} 09:00\nsubject:"))
    workspace.init(tmp_path / "nouveau", root)
    issues = workspace.load(tmp_path / "nouveau")[0].campaigns["flash"].issues
    assert set(issues) == {"2026-06-11", "cadre"}


def test_a_new_workspace_has_an_example_of_an_event(tmp_path: Path) -> None:
    workspace.init(tmp_path / "nouveau", REPOSITORY)
    found, problems = workspace.load(tmp_path / "nouveau")
    assert problems == []
    assert list(found.campaigns["mailing"].events) == ["acheter-responsable"]


def test_of_several_events_the_one_that_the_letter_names_is_taken(root: Path, tmp_path: Path) -> None:
    for name in ("atelier", "bilan"):
        write(
            root,
            f"campaigns/flash/events/{name}.toml",
            'title = "Rencontre"\nstart = "2026-07-02 09:30"\nend = "2026-07-02 16:30"\n',
        )
    write(root, "campaigns/flash/2026-06-11.md", ISSUE.replace("subject:", "event: atelier\nsubject:"))
    workspace.init(tmp_path / "nouveau", root)
    assert list(workspace.load(tmp_path / "nouveau")[0].campaigns["flash"].events) == ["atelier"]


def test_a_folder_with_other_files_keeps_them(root: Path, tmp_path: Path) -> None:
    kept = write(tmp_path, "nouveau/README.md", "à moi")
    workspace.init(tmp_path / "nouveau", root)
    assert kept.read_text("utf-8") == "à moi"
    assert workspace.load(tmp_path / "nouveau")[1] == []


@pytest.mark.parametrize("name", ["mailer.toml", "campaigns/x.txt"])
def test_a_folder_that_has_a_workspace_is_refused_and_untouched(
    root: Path, tmp_path: Path, name: str
) -> None:
    write(tmp_path, f"nouveau/{name}", "à moi")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(RefusedError, match="nothing was changed"):
        workspace.init(tmp_path / "nouveau", root)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["templates", "audiences", "campaigns"])
def test_a_source_that_is_incomplete_leaves_nothing_behind(root: Path, tmp_path: Path, name: str) -> None:
    shutil.rmtree(root / name)
    with pytest.raises(NotFoundError, match="no workspace"):
        workspace.init(tmp_path / "nouveau", root)
    assert not (tmp_path / "nouveau").exists()


def test_the_settings_of_the_example_network_are_read() -> None:
    found = settings.load(REPOSITORY)
    assert found.network.name == "Réseau des territoires solidaires"
    assert found.provider.name == "maildir"
