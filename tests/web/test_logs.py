"""What a whole small send leaves in the logs: ids and counts, never an address, a name or a subject."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
import structlog
from sqlalchemy.exc import IntegrityError
from structlog.testing import LogCapture

from mailer.cli.logs import configure_logs
from mailer.clock import FixedClock
from mailer.errors import ProviderHalt
from mailer.model.columns import table
from mailer.model.mail import SendResult, Status
from mailer.model.people import Contact, Membership, Organisation, Subscription
from mailer.providers.maildir import Maildir
from mailer.store import Store
from tests.conftest import NOW
from tests.web.conftest import Desk

REF = "flash/2026-06-11"
CANARY = "canari"
#: In every field of a person, and one name of which no mail can be made.
PEOPLE = [(f"{CANARY}.{n}@{CANARY}.example", f"Prénom{CANARY}") for n in range(6)]
BROKEN = (f"{CANARY}.broken@{CANARY}.example", f"Nom\r\nBcc: {CANARY}@elsewhere.example")


@pytest.fixture
def logs() -> Iterator[LogCapture]:
    """Everything that our own code logs, whatever the level."""
    capture = LogCapture()
    before = structlog.get_config()
    structlog.configure(
        processors=[structlog.processors.format_exc_info, capture], cache_logger_on_first_use=False
    )
    yield capture
    structlog.configure(**before)


def test_a_whole_send_is_told_by_ids_and_counts_alone(
    desk: Desk, clock: FixedClock, logs: LogCapture, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    _people(desk.mailer.store, [*PEOPLE, BROKEN])
    session = desk.browser()
    desk.post(session, f"/lettres/{REF}/programmer", day="2026-06-11", hour="10:00")
    clock.advance(timedelta(hours=1))
    _answers(desk, ["accepted", "rejected", "halt"])
    desk.mailer.run_due()
    desk.post(session, f"/lettres/{REF}/reprendre")
    desk.post(session, f"/lettres/{REF}/suspendre")
    desk.post(session, f"/lettres/{REF}/reprendre")
    _answers(desk, ["accepted", "accepted", "crash", "accepted"])
    desk.mailer.run_due()
    requests.post(f"{desk.url}/hooks/maildir/{CANARY}", data=CANARY)
    requests.get(f"{desk.url}/u/{CANARY}")

    told = [str(each["event"]) for each in logs.entries]
    assert told[:2] == ["send schedule", "send started"]
    for event in ("send paused", "send resume", "send pause", "copy cannot be made", "webhook refused"):
        assert event in told, event
    said = json.dumps(logs.entries, default=str, ensure_ascii=False) + caplog.text
    assert CANARY not in said
    assert "@" not in said
    assert "SCIC" not in said


def test_the_end_of_a_send_is_told_with_its_counts(desk: Desk, clock: FixedClock, logs: LogCapture) -> None:
    _people(desk.mailer.store, PEOPLE)
    send = desk.mailer.departures.schedule(REF, by="test", at="2026-06-11 10:00")
    clock.advance(timedelta(hours=1))
    desk.mailer.run_due()
    [started] = [each for each in logs.entries if each["event"] == "send started"]
    [ended] = [each for each in logs.entries if each["event"] == "send ended"]
    assert (started["send"], started["people"], started["deliveries"]) == (send.id, 6, {"planned": 6})
    assert (ended["send"], ended["people"], ended["deliveries"]) == (send.id, 6, {"accepted": 6})
    desk.mailer.run_due()
    assert [each["event"] for each in logs.entries].count("send started") == 1


@pytest.mark.parametrize(
    "part",
    [
        "collector.collect",
        "signups.send_waiting",
        "account_mails.send_waiting",
        "rhythms.tend",
        "digests.send_due",
    ],
)
def test_what_breaks_beside_a_send_does_not_stop_it(
    desk: Desk, clock: FixedClock, logs: LogCapture, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    _people(desk.mailer.store, PEOPLE)
    desk.mailer.departures.schedule(REF, by="test", at="2026-06-11 10:00")
    clock.advance(timedelta(hours=1))

    def broken(_self: object) -> None:
        raise KeyError(CANARY)

    owner, act = part.split(".")
    monkeypatch.setattr(type(getattr(desk.mailer, owner)), act, broken)
    [summary] = desk.mailer.run_due()
    assert summary.counts == {"accepted": len(PEOPLE)}
    [told] = [each for each in logs.entries if each["event"] == "part of a tick failed"]
    assert told["reason"] == "KeyError"
    assert CANARY not in str(logs.entries)


def test_a_failing_statement_hides_what_it_was_given(store: Store) -> None:
    rows = table(Contact)
    with pytest.raises(IntegrityError) as failed, store.write() as tx:
        for _ in range(2):
            tx.execute(rows.insert(), [_row(*PEOPLE[0])])
    # PostgreSQL names the value itself, in its own words: the test below.
    assert "[parameters:" not in str(failed.value)


def test_what_a_library_says_of_an_address_is_left_out(
    logs: LogCapture, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del logs  # it brings the present logging back
    monkeypatch.setattr(logging.root, "handlers", [])
    configure_logs()
    try:
        raise ValueError(f"Key (address)=({PEOPLE[0][0]}) already exists.")
    except ValueError:
        structlog.get_logger().exception("not written", reason=PEOPLE[0][0], count=3)
        logging.getLogger("uvicorn.error").exception("failed for %s", PEOPLE[0][0])
    said = capsys.readouterr().err
    assert CANARY not in said
    assert said.count("already exists") == 2
    assert json.loads(said.splitlines()[0])["count"] == 3


class _Told(Maildir):
    """A folder that answers what a test tells it to, one word a message."""

    def __init__(self, folder: Maildir, answers: list[str]) -> None:
        self.__dict__.update(folder.__dict__)
        self.answers = answers

    def send(self, batch, *, attempt_key):  # type: ignore[no-untyped-def]
        act = self.answers.pop(0) if self.answers else "accepted"
        if act == "halt":
            raise ProviderHalt("credentials", "The folder refuses. Mend it, then resume.")
        if act == "crash":
            raise ValueError(f"cannot write to {batch[0].envelope.to.address}")
        if act == "rejected":
            said = f"unknown user {batch[0].envelope.to.address}"
            return [SendResult(batch[0].key, Status.REJECTED, code="rejected", detail=said)]
        return super().send(batch, attempt_key=attempt_key)


def _answers(desk: Desk, answers: list[str]) -> None:
    provider = _Told(desk.mailer.provider, answers)  # type: ignore[arg-type]
    desk.mailer.provider = desk.mailer.sender._provider = provider


def _row(address: str, name: str, **values: object) -> dict[str, object]:
    return {
        "address": address, "first_name": name, "last_name": CANARY, "job": CANARY, "language": "fr", "source": CANARY,
        "tracking": "unknown", "attributes": {}, "created_at": NOW, "updated_at": NOW, **values,
    }  # fmt: skip


def _people(store: Store, people: list[tuple[str, str]]) -> None:
    """Members who subscribe to the flash."""
    common = {"created_at": NOW, "updated_at": NOW, "kind": "ville", "region": "", "departement": ""}
    with store.write() as tx:
        made = tx.execute(table(Organisation).insert().values(name=f"Ville {CANARY}", **common))
        [town] = made.inserted_primary_key or ()
        since = NOW.date() - timedelta(days=100)
        tx.execute(table(Membership).insert().values(organisation_id=town, from_on=since))
        for address, name in people:
            made = tx.execute(table(Contact).insert().values(_row(address, name, organisation_id=town)))
            [contact] = made.inserted_primary_key or ()
            values = {"contact_id": contact, "topic": "flash", "state": "subscribed", "at": NOW}
            tx.execute(table(Subscription).insert().values(values))
