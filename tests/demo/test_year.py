"""A small simulated year: every figure agrees with the provider's journal and the readers' notes, to the unit."""

import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mailer.demo.year import WHOLE, Size, play_year
from mailer.demo.year.calendar import departures
from mailer.demo.year.logbook import Logbook
from mailer.demo.year.moving import MovedClock
from mailer.errors import RefusedError
from tests.conftest import REPOSITORY

SMALL = Size(newsletters=2, flashes=3, mailings=4, people=60)


def test_a_small_year_agrees_to_the_unit_and_a_false_note_is_told(tmp_path: Path) -> None:
    """Its last letter is struck out of the book afterwards, so that it is read once more, from an empty letter-box."""
    told: list[Any] = []
    found = play_year(serve=False, size=SMALL, folder=tmp_path, tell=told.append)
    assert found.differences == ()
    assert found.compared > 100
    campaigns = {each["campaign"]: each["letters"] for each in told[0]["year"]["campaigns"]}
    assert campaigns == {"newsletter": 2, "flash": 3, "save-the-date": 1, "rappel": 1, "info-flash": 2}

    book = tmp_path / "var" / "played.jsonl"
    book.write_text("".join(f"{line}\n" for line in book.read_text("utf-8").splitlines()[:-2]), "utf-8")
    with pytest.raises(RefusedError) as caught:
        play_year(serve=False, size=SMALL, folder=tmp_path)
    assert caught.value.values["where"] == "flash/2023-06-22"
    assert caught.value.exit_status > 0


@pytest.mark.long
def test_sigterm_ends_a_year_with_every_process_that_it_began(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from mailer.demo.year import Size, play_year;"
        f"play_year(serve=False, size={SMALL!r}, folder=Path({str(tmp_path)!r}))"
    )
    year = subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY, stdout=subprocess.DEVNULL)
    try:
        book = tmp_path / "var" / "played.jsonl"
        while not (book.exists() and '"list"' in book.read_text("utf-8")):
            assert year.poll() is None
            time.sleep(0.05)
        begun = _children(year.pid)
        assert any("mailer.demo.year.provider" in _command(each) for each in begun)
        year.send_signal(signal.SIGTERM)
        assert year.wait() == 128 + signal.SIGTERM
        assert [each for each in begun if _command(each)] == []
    finally:
        year.kill()
        year.wait()


def _command(pid: int) -> str:
    """Of a process that is at work; empty of one that has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except FileNotFoundError:
        return ""


def _children(pid: int) -> list[int]:
    """Of whichever of its threads."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for each in tasks for child in each.read_text().split()]


def test_the_year_has_its_letters_and_no_two_at_once() -> None:
    letters = departures(WHOLE)
    kinds = Counter(each.campaign for each in letters)
    assert kinds == {"newsletter": 12, "flash": 25, "save-the-date": 31, "rappel": 27, "info-flash": 44}
    assert len({each.ref for each in letters}) == len({each.at for each in letters}) == 139
    assert {each.at.year for each in letters} == {2023}


def test_a_moved_clock_is_shared_and_ticks_on(tmp_path: Path) -> None:
    one, other = MovedClock(tmp_path / "clock"), MovedClock(tmp_path / "clock")
    at = datetime(2023, 5, 9, 8, tzinfo=UTC)
    one.put(at)
    assert at <= other.now() < at + timedelta(minutes=1)
    other.advance_to(at + timedelta(days=1))
    assert one.now() >= at + timedelta(days=1)
    one.advance_to(at)
    assert one.now() >= at + timedelta(days=1)


def test_a_torn_line_of_the_book_is_forgotten(tmp_path: Path) -> None:
    book = Logbook.load(tmp_path / "played.jsonl")
    book.write("list", {})
    with book.path.open("ab") as file:
        file.write(b'{"step": "newsletter/2023-')
    again = Logbook.load(book.path)
    again.write("people", {"mails": 2})
    assert list(Logbook.load(book.path).entries) == ["list", "people"]
