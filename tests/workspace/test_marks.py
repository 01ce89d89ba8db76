"""A workspace is read again where a file has changed, and only there."""

import os
from pathlib import Path

import pytest

from mailer.workspace import load, load_around, marks
from tests.conftest import REPOSITORY


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three small folders; what was written a moment ago counts as settled."""
    monkeypatch.setattr(marks, "_UNSETTLED_NANOSECONDS", 0)
    (tmp_path / "audiences").mkdir()
    (tmp_path / "audiences/tous.toml").write_text('title = "Tous"\n', "utf-8")
    return tmp_path


def title(root: Path) -> str:
    return load(root)[0].segments["tous"].title


def test_what_has_not_changed_is_not_read_again(root: Path) -> None:
    assert load(root)[0] is load(root)[0]


def test_the_list_of_mistakes_is_the_callers_own(root: Path) -> None:
    (root / "audiences/tous.toml").write_text("titel = 1\n", "utf-8")
    load(root)[1].clear()
    assert load(root)[1]


@pytest.mark.parametrize("instant", [None, (1, 1)])
def test_a_changed_file_is_read_again_also_with_an_old_date(
    root: Path, instant: tuple[int, int] | None
) -> None:
    assert title(root) == "Tous"
    file = root / "audiences/tous.toml"
    file.write_text('title = "Quelques-uns"\n', "utf-8")
    if instant:
        os.utime(file, instant)
    assert title(root) == "Quelques-uns"


def test_files_that_come_and_go_are_seen(root: Path) -> None:
    load(root)
    (root / "audiences/presse.toml").write_text('title = "Presse"\n', "utf-8")
    assert set(load(root)[0].segments) == {"presse", "tous"}
    (root / "audiences/tous.toml").unlink()
    assert set(load(root)[0].segments) == {"presse"}


def test_what_changed_just_now_is_always_read(tmp_path: Path) -> None:
    """Twice the same size in one tick of the disk's clock: nothing else could tell them apart."""
    (tmp_path / "audiences").mkdir()
    file = tmp_path / "audiences/tous.toml"
    for name in ("Un", "Du", "Tr") * 5:
        file.write_text(f'title = "{name}"\n', "utf-8")
        assert title(tmp_path) == name


def test_what_a_linked_folder_holds_is_read_each_time(root: Path) -> None:
    """Its target lies in the workspace, and in none of the three folders."""
    (root / "ailleurs").mkdir()
    (root / "campaigns").mkdir()
    (root / "campaigns/flash").symlink_to(root / "ailleurs")
    for name in ("Flash", "Le flash du jeudi"):
        (root / "ailleurs/campaign.toml").write_text(f'title = "{name}"\n', "utf-8")
        assert load(root)[0].campaigns["flash"].title == name


def test_a_link_that_leads_nowhere_has_an_empty_mark(tmp_path: Path) -> None:
    (tmp_path / "lien").symlink_to(tmp_path / "nulle-part")
    assert marks.marks_of(tmp_path, [tmp_path / "lien"]) == (("lien", 0, 0, 0),)


def test_the_shipped_workspace_has_a_mark_for_each_file() -> None:
    files = {str(path.relative_to(REPOSITORY)) for path in (REPOSITORY / "templates").rglob("*")}
    assert {name for name, *_ in marks.below(REPOSITORY, "templates")} == files


@pytest.fixture
def written(root: Path) -> Path:
    """A campaign with two letters; the first is the one that somebody writes."""
    folder = root / "campaigns/flash"
    folder.mkdir(parents=True)
    (folder / "campaign.toml").write_text('title = "Flash"\n', "utf-8")
    for name in ("un", "deux"):
        (folder / f"{name}.md").write_text(f"---\nsubject: {name}\n---\n", "utf-8")
    return folder


LETTER = Path("campaigns/flash/un.md")


def test_around_a_letter_nothing_is_read_again_when_it_is_saved(root: Path, written: Path) -> None:
    before = load_around(root, LETTER)[0]
    kept = written / "un.md.tmp"
    kept.write_text("---\nsubject: autre\n---\n", "utf-8")
    kept.replace(written / "un.md")
    assert load_around(root, LETTER)[0] is before


@pytest.mark.parametrize(
    "name", ["campaigns/flash/campaign.toml", "campaigns/flash/deux.md", "campaigns/flash/trois.md"]
)
def test_around_a_letter_all_other_files_are_watched(root: Path, written: Path, name: str) -> None:
    before = load_around(root, LETTER)[0]
    (root / name).write_text("---\nsubject: autre\n---\n", "utf-8")
    assert load_around(root, LETTER)[0] is not before


def test_a_linked_campaign_is_read_each_time_around_its_letter(root: Path) -> None:
    (root / "ailleurs").mkdir()
    (root / "campaigns").mkdir()
    (root / "campaigns/flash").symlink_to(root / "ailleurs")
    for name in ("Flash", "Le flash du jeudi"):
        (root / "ailleurs/campaign.toml").write_text(f'title = "{name}"\n', "utf-8")
        assert load_around(root, LETTER)[0].campaigns["flash"].title == name


def test_templates_are_not_read_again_because_a_letter_is_saved(root: Path, written: Path) -> None:
    (root / "templates").mkdir()
    theme = root / "templates/theme.toml"
    theme.write_text('name = "Calme"\n', "utf-8")
    before = load(root)[0].templates
    (written / "un.md").write_text("---\nsubject: autre\n---\n", "utf-8")
    after = load(root)[0]
    assert after.templates is before
    assert after.campaigns["flash"].issues["un"].subject == "autre"
    theme.write_text('name = "Vif"\n', "utf-8")
    assert load(root)[0].templates.theme == {"name": "Vif"}
    theme.write_text("name =\n", "utf-8")
    for _ in range(2):
        assert "templates/theme.toml" in {str(each.path) for each in load(root)[1]}
