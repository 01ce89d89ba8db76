"""The history of an issue: sessions, undoing, thinning; what is named stays, what nothing names goes."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.app.versions import STEPS, Change, Step, Version, Versions, sessions, steps, thinned
from mailer.errors import NotFoundError
from mailer.workspace.saving import digest
from tests.conftest import NOW

REF = "flash/2026-06-11"


def version(
    name: str, change: Change = Change.SAVED, *, minutes: float = 0, by: str = "claude@reseau.example"
) -> Version:
    return Version(at=NOW + timedelta(minutes=minutes), by=by, change=change, digest=name)


def test_a_session_is_one_line_and_another_person_begins_another() -> None:
    log = [
        version("a", Change.FOUND, by=""),
        version("b", minutes=1),
        version("c", minutes=2),
        version("d", minutes=3, by="other@reseau.example"),
        version("e", minutes=20, by="other@reseau.example"),
        version("f", Change.ASIDE, minutes=21),
    ]
    assert [each.digest for each in sessions(log)] == ["f", "e", "d", "c", "a"]


WRITER, OTHER = "claude@reseau.example", "other@reseau.example"


def leading(log: list[Version], by: str = WRITER) -> tuple[list[str], list[str]]:
    """What undoing brings back, the next one last, and what redoing does."""
    past, future = steps(log, by)
    return [each.before for each in past], [each.before for each in future]


def test_undoing_goes_back_and_redoing_forward_until_something_is_written() -> None:
    log = [version("a", Change.FOUND, by=""), version("b"), version("c")]
    log.append(version("b", Change.UNDONE))
    assert leading(log) == (["a"], ["c"])
    log.append(version("a", Change.UNDONE))
    assert leading(log) == ([], ["c", "b"])
    log.append(version("b", Change.REDONE))
    assert leading(log) == (["a"], ["c"])
    log.append(version("aside", Change.ASIDE))
    assert leading(log) == (["a"], ["c"])
    log.append(version("d"))
    assert leading(log) == (["a", "b"], [])


def test_what_somebody_else_wrote_is_no_step_of_this_writer() -> None:
    log = [version("0", Change.FOUND, by=""), version("a")]
    log += [version("b", Change.TYPED, by=OTHER), version("a+b", Change.MERGED, by=OTHER)]
    log += [version("by hand", Change.FOUND, by="")]
    assert steps(log, WRITER) == ([Step("0", "a")], [])
    assert steps(log, OTHER) == ([Step("a", "a+b")], [])
    log.append(version("b alone", Change.UNDONE))
    assert steps(log, WRITER) == ([], [Step("by hand", "b alone")])
    assert steps(log, OTHER) == ([Step("a", "a+b")], [])


@given(st.lists(st.sampled_from(["save", "undo", "redo"]), max_size=60))
def test_undo_and_redo_are_those_of_any_editor(acts: list[str]) -> None:
    past, future, log = ["0"], list[str](), [version("0", Change.FOUND, by="")]
    for number, act in enumerate(acts, start=1):
        if act == "save":
            past, future = [*past, str(number)], []
            log.append(version(str(number)))
        elif act == "undo" and len(past) > 1:
            future.append(past.pop())
            log.append(version(past[-1], Change.UNDONE))
        elif act == "redo" and future:
            past.append(future.pop())
            log.append(version(past[-1], Change.REDONE))
        assert leading(log) == (past[:-1], future)


def test_old_sessions_keep_their_last_save_and_everything_decided() -> None:
    old = [version("found", Change.FOUND, by="")]
    old += [version(f"a{number}", minutes=number / 10) for number in range(30)]
    old += [version("aside", Change.ASIDE, minutes=4)]
    recent = [version(f"b{number}", minutes=60 + number / 10) for number in range(STEPS)]
    assert [each.digest for each in thinned([*old, *recent])[:-STEPS]] == ["found", "a29", "aside"]
    assert thinned([*old, *recent])[-STEPS:] == recent


def test_a_text_is_kept_once_and_read_again(tmp_path: Path) -> None:
    versions = Versions(tmp_path, REF)
    text = "---\r\nsubject: é\r\n---\r\n"
    noted = versions.note(text, at=NOW, by="claude@reseau.example", change=Change.SAVED, page="p")
    assert versions.keep(text) == noted.digest == digest(text)
    assert versions.text(noted.digest) == text
    assert Versions(tmp_path, REF).log() == [noted]
    assert oct((tmp_path / "versions" / REF).stat().st_mode)[-3:] == "700"


def test_a_file_found_twice_alike_is_noted_once(tmp_path: Path) -> None:
    versions = Versions(tmp_path, REF)
    for text in ("a", "a", "b", "b"):
        versions.note_found(text, at=NOW)
    assert [each.digest for each in versions.log()] == [digest("a"), digest("b")]


@pytest.mark.parametrize("name", ["", "../log", "0" * 64, "g" * 63 + "/", "../" * 21 + "x"])
def test_only_versions_are_read(tmp_path: Path, name: str) -> None:
    versions = Versions(tmp_path, REF)
    versions.keep("a")
    with pytest.raises(NotFoundError):
        versions.text(name)


def test_what_nothing_names_goes_after_a_week(tmp_path: Path) -> None:
    versions = Versions(tmp_path, REF)
    lone = versions.keep("nobody's")
    written = datetime.fromtimestamp((tmp_path / "versions" / REF / f"{lone}.md").stat().st_mtime, NOW.tzinfo)
    versions.note("a", at=written + timedelta(days=1), by="", change=Change.SAVED)
    assert versions.find_text(lone) == "nobody's"
    versions.note("b", at=written + timedelta(days=8), by="", change=Change.SAVED)
    assert versions.find_text(lone) is None
    assert versions.find_text(digest("a")) == "a"
