"""Programs that stay, as real processes: told to stop they end by themselves, and what they had begun is concluded."""

import json
import signal
import socket
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from mailer.app import create_mailer
from tests.nursery import Child, Nursery

PEOPLE = 60
Start = Callable[..., Child]


@pytest.fixture
def start(network: Path, nursery: Nursery) -> Start:
    """`start("serve", …)` runs mailer, `start("scheduler.py")` the scheduler, at ten messages a second unless told."""

    def begin(*arguments: str, rate: str = "10/s") -> Child:
        environment = {"MAILER_PROVIDER__RATE": rate, "MAILER_PROVIDER__THREADS": "2"}
        if arguments == ("scheduler.py",):
            return nursery.start("tests.commands:scheduler", environment=environment)
        return nursery.mailer(*arguments, environment=environment)

    return begin


@pytest.fixture
def scheduled(network: Path) -> Path:
    """An issue that is due, with sixty recipients."""
    people = network / "people.csv"
    lines = [f"Personne{number};p{number}@ville.example;oui" for number in range(PEOPLE)]
    people.write_text("Nom;Courriel;Newsletter\n" + "\n".join(lines), "utf-8")
    mailer = create_mailer(network)
    mailer.import_file("contacts", people, by="test")
    mailer.close()
    return network


def _done(process: Child, status: int = 0) -> str:
    assert process.wait() == status, process.out + process.err
    assert "Traceback" not in process.out + process.err
    return process.out


def _states(network: Path) -> Counter[str]:
    with sqlite3.connect(network / "var" / "mailer.db", timeout=30) as connection:
        return Counter(state for (state,) in connection.execute("SELECT state FROM delivery"))


def _mails(network: Path) -> int:
    return len(list((network / "var" / "maildir" / "new").glob("*")))


def _wait(until: Callable[[], bool]) -> None:
    last = time.monotonic() + 120
    while not until():
        assert time.monotonic() < last, "it never came"
        time.sleep(0.05)


def _free_port() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return str(taken.getsockname()[1])


def _exact(network: Path) -> None:
    """Everybody has one mail, and the ledger says so."""
    assert _states(network) == Counter(accepted=PEOPLE)
    assert _mails(network) == PEOPLE


def _begin_send(network: Path, start: Start) -> None:
    """A send that Ctrl-C ends in the middle."""
    process = start("send", "newsletter/2026-06", "--json")
    _wait(lambda: _states(network)["accepted"] >= 5)
    process.send(signal.SIGINT)
    assert "error" in json.loads(_done(process, 130))


def test_ctrl_c_in_the_middle_of_a_send_concludes_what_has_left(scheduled: Path, start: Start) -> None:
    _begin_send(scheduled, start)
    states = _states(scheduled)
    assert states["accepted"] == _mails(scheduled) < PEOPLE
    assert states["posting"] == states["in_doubt"] == 0
    _done(start("send", "newsletter/2026-06", rate="1000/s"))
    _exact(scheduled)


@pytest.mark.parametrize("program", ["serve", "scheduler.py"])
def test_sigterm_lets_the_messages_in_flight_conclude(scheduled: Path, start: Start, program: str) -> None:
    _begin_send(scheduled, start)
    arguments = (program, "--port", _free_port()) if program == "serve" else (program,)
    before = _states(scheduled)["accepted"]
    process = start(*arguments)
    _wait(lambda: _states(scheduled)["accepted"] > before)
    process.send(signal.SIGTERM)
    said = _done(process)
    # Its links lead to another port than the one it was told to listen on.
    assert program != "serve" or f"MAILER_BASE_URL=http://127.0.0.1:{arguments[-1]}" in said
    states = _states(scheduled)
    assert states["accepted"] == _mails(scheduled) < PEOPLE
    assert states["posting"] == states["in_doubt"] == 0


def test_two_schedulers_at_once_send_to_nobody_twice(scheduled: Path, start: Start) -> None:
    _begin_send(scheduled, start)
    both = [start("scheduler.py"), start("serve", "--port", _free_port())]
    _wait(lambda: _states(scheduled)["accepted"] == PEOPLE)
    for process in both:
        process.send(signal.SIGTERM)
    for process in both:
        _done(process)
    _exact(scheduled)
