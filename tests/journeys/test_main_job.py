"""The main job on the full data: imported, killed again and again while it sends, and still exact."""

import json
import random
import sqlite3
import time
from datetime import UTC, datetime

import pytest

from mailer.model.columns import table
from mailer.model.ledger import Delivery
from mailer.store import Store
from tests.gates import check_maildir
from tests.journeys.conftest import Program, import_people

KILLS = 10


@pytest.mark.long
@pytest.mark.timeout(900)
def test_ten_kills_during_the_newsletter_neither_double_nor_forget_anybody(program: Program) -> None:
    imported = import_people(program)
    expected = json.loads((program.data / "expected.json").read_text("utf-8"))
    assert imported["new"] == expected["contacts"]
    assert imported["duplicates"] == expected["duplicates"]
    assert len(imported["rejected"]) == expected["invalid"]

    _send_under_kills(program, "newsletter/2026-06", expected["newsletter"])
    _settle_what_never_left(program, "newsletter/2026-06", expected["newsletter"])
    newsletter = _settled(program, "newsletter/2026-06")
    program.run("send", "flash/2026-06-11", "--recipients", str(expected["flash"]))
    flash = _settled(program, "flash/2026-06-11")

    for report, planned in ((newsletter, expected["newsletter"]), (flash, expected["flash"])):
        assert report["planned"] == planned
        assert report["accepted"] == planned
        assert report["refused"] == report["excluded"] == report["in_doubt"] == 0
    faults = check_maildir(program.stage.maildir, expected_count=expected["newsletter"] + expected["flash"])
    assert faults == []


def _send_under_kills(program: Program, ref: str, planned: int) -> None:
    """Start the sender, kill it -9 once a random further share has been accepted, ten times; then let it end."""
    dice = random.Random(7314)
    for kill in range(KILLS):
        process = program.start("send", ref, "--recipients", str(planned), "--json")
        _wait_until_accepted(program, planned * (kill + dice.random()) / (KILLS + 1))
        process.kill()
    _end_leases(program)
    program.run("send", ref, "--recipients", str(planned))


def _end_leases(program: Program) -> None:
    """Nobody waits half a minute for what the dead ones held."""
    store = Store(f"sqlite:///{program.stage.folder / 'var' / 'mailer.db'}")
    held = table(Delivery).c.lease_until.isnot(None)
    with store.write() as tx:
        tx.execute(table(Delivery).update().where(held).values(lease_until=datetime(2020, 1, 1, tzinfo=UTC)))
    store.close()


def _wait_until_accepted(program: Program, threshold: float) -> None:
    until = time.monotonic() + 120
    while _accepted(program) < threshold:
        assert time.monotonic() < until, "the sender does not get on"
        time.sleep(0.02)


def _accepted(program: Program) -> int:
    with _database(program) as connection:
        found = connection.execute("SELECT count(*) FROM delivery WHERE state = 'accepted'").fetchone()
    return int(found[0])


def _settle_what_never_left(program: Program, ref: str, planned: int) -> None:
    """The provider's news settle every copy that it took; the others were killed before their request left.

    Nobody can know that but the provider's journal, so a person decides: send them again.
    """
    taken = _journal(program)
    assert len(taken) == len(set(taken))
    _wait_until_accepted(program, len(taken))
    report = program.run("report", ref)
    assert report["accepted"] + report["in_doubt"] == planned
    assert report["accepted"] == len(taken)
    if report["in_doubt"]:
        program.run("settle", ref, "--send-again")


def _journal(program: Program) -> list[str]:
    """The Message-ID of every mail that the provider took: the truth."""
    lines = (program.stage.maildir.parent / "journal.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["message_id"] for line in lines]


def _settled(program: Program, ref: str) -> dict[str, object]:
    """The report once the webhooks have settled the last doubt."""
    until = time.monotonic() + 120
    while True:
        report = program.run("report", ref)
        if report["in_doubt"] == 0 and report["told"] == report["accepted"]:
            return report
        assert time.monotonic() < until, report
        time.sleep(1)


def _database(program: Program) -> sqlite3.Connection:
    return sqlite3.connect(program.stage.folder / "var" / "mailer.db", timeout=30)
