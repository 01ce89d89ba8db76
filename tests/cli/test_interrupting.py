"""Ctrl-C during a send is a request, never an exception: there is no moment at which it could leave the ledger locked."""

import os
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from tests.cli.conftest import Command

PEOPLE, FIRST = 60, 20


@contextmanager
def ctrl_c_while_a_turn_ends(network: Path) -> Iterator[None]:
    """Comes once, at the last step of a transaction of a send, where no handler of an exception is awake."""
    pending = [True]

    def look(frame: FrameType, what: str, _about: Any) -> None:
        if not pending or what != "call" or frame.f_code.co_qualname != "_GeneratorContextManager.__exit__":
            return
        code = frame.f_locals["self"].gen.gi_code
        if code.co_name == "write" and len(list(mails(network))) >= FIRST:
            pending.clear()
            os.kill(os.getpid(), signal.SIGINT)

    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(None)
    assert not pending, "it never came"


def mails(network: Path) -> Iterator[Path]:
    return (network / "var" / "maildir" / "new").glob("*")


def states(network: Path) -> Counter[str]:
    connection = sqlite3.connect(network / "var" / "mailer.db", timeout=0.1)
    found = Counter(state for (state,) in connection.execute("SELECT state FROM delivery"))
    connection.close()
    return found


def test_ctrl_c_at_the_end_of_a_turn_concludes_what_has_left(network: Path, command: Command) -> None:
    people = network / "people.csv"
    lines = [f"Personne{number};p{number}@ville.example;oui" for number in range(PEOPLE)]
    people.write_text("Nom;Courriel;Newsletter\n" + "\n".join(lines), "utf-8")
    assert command("import", "contacts", people).status == 0
    with ctrl_c_while_a_turn_ends(network):
        said = command("send", "newsletter/2026-06", "--json")
    assert said.status == 130
    assert said.json["error"].startswith("Interrupted")
    found = states(network)
    assert FIRST <= found["accepted"] == len(list(mails(network))) < PEOPLE
    assert set(found) == {"accepted", "planned"}
    assert command("send", "newsletter/2026-06").status == 0
    assert states(network) == {"accepted": PEOPLE}
