"""Programs that stay, as real processes: told to stop they end by themselves, and what they had begun is concluded."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

PEOPLE = 60
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(network: Path) -> Iterator[Start]:
    """`start("serve", …)` runs mailer, `start("scheduler.py")` the scheduler, at ten messages a second."""
    running: list[subprocess.Popen[str]] = []
    environment = {**os.environ, "MAILER_PROVIDER__RATE": "10/s", "MAILER_PROVIDER__THREADS": "2"}

    def begin(*arguments: str) -> subprocess.Popen[str]:
        own = arguments[0] == "scheduler.py"
        program = [str(REPOSITORY / "scheduler.py")] if own else ["-m", "mailer", *arguments]
        process = subprocess.Popen(
            [sys.executable, *program],
            env={**environment, "PYTHONPATH": str(REPOSITORY)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def scheduled(network: Path, start: Start) -> Path:
    """An issue that is due, with sixty recipients."""
    people = network / "people.csv"
    lines = [f"Personne{number};p{number}@ville.example;oui" for number in range(PEOPLE)]
    people.write_text("Nom;Courriel;Newsletter\n" + "\n".join(lines), "utf-8")
    _done(start("import", "contacts", str(people), "--json"))
    return network


def _done(process: subprocess.Popen[str], status: int = 0) -> str:
    output, errors = process.communicate(timeout=120)
    assert process.returncode == status, output + errors
    assert "Traceback" not in output + errors
    return output


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
    process.send_signal(signal.SIGINT)
    assert "error" in json.loads(_done(process, 130))


def test_ctrl_c_in_the_middle_of_a_send_concludes_what_has_left(scheduled: Path, start: Start) -> None:
    _begin_send(scheduled, start)
    states = _states(scheduled)
    assert states["accepted"] == _mails(scheduled) < PEOPLE
    assert states["posting"] == states["in_doubt"] == 0
    _done(start("send", "newsletter/2026-06"))
    _exact(scheduled)


@pytest.mark.parametrize("program", ["serve", "scheduler.py"])
def test_sigterm_lets_the_messages_in_flight_conclude(scheduled: Path, start: Start, program: str) -> None:
    _begin_send(scheduled, start)
    arguments = (program, "--port", _free_port()) if program == "serve" else (program,)
    before = _states(scheduled)["accepted"]
    process = start(*arguments)
    _wait(lambda: _states(scheduled)["accepted"] > before)
    process.terminate()
    _done(process)
    states = _states(scheduled)
    assert states["accepted"] == _mails(scheduled) < PEOPLE
    assert states["posting"] == states["in_doubt"] == 0


def test_two_schedulers_at_once_send_to_nobody_twice(scheduled: Path, start: Start) -> None:
    _begin_send(scheduled, start)
    both = [start("scheduler.py"), start("serve", "--port", _free_port())]
    _wait(lambda: _states(scheduled)["accepted"] == PEOPLE)
    for process in both:
        process.terminate()
    for process in both:
        _done(process)
    _exact(scheduled)
