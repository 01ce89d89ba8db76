"""The day of the last opening (rules P9): one date, overwritten, only where it was decided, only to write less."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from mailer.clock import FixedClock
from mailer.model.columns import table
from mailer.model.events import LastOpen
from mailer.model.ledger import Send
from mailer.model.people import TrackingConsent
from mailer.store import (
    Store,
    consents,
    imports,
    journal,
    last_opens,
    merging,
    persons,
    staging,
)
from mailer.tracking import Hits, purge
from tests.tracking.agents import CURL, FIREFOX, GMAIL
from tests.tracking.ledger import Ledger

ALIX = "alix@ville.example"


def decided(store: Store, ledger: Ledger) -> Send:
    send = ledger.send()
    with store.write() as tx:
        tx.execute(table(Send).update().where(table(Send).c.id == send.id).values(last_open=True))
    return send


def kept(store: Store) -> dict[int, date]:
    rows = table(LastOpen)
    with store.read() as tx:
        return {row.contact_id: row.on for row in tx.execute(select(rows))}


def opened(store: Store, ledger: Ledger, hits: Hits, contact: int, *, agent: str = FIREFOX) -> None:
    send = decided(store, ledger)
    hits.open(ledger.pixel(send, ledger.deliver(send, contact)), user_agent=agent)
    hits.flush()


def test_without_a_decision_nothing_is_kept(store: Store, ledger: Ledger, hits: Hits) -> None:
    send = ledger.send()
    hits.open(ledger.pixel(send, ledger.deliver(send, ledger.contact())), user_agent=FIREFOX)
    hits.flush()
    assert kept(store) == {}


@pytest.mark.parametrize("agent", [FIREFOX, GMAIL])
def test_one_date_is_kept_and_overwritten_by_a_later_one_only(
    store: Store, ledger: Ledger, hits: Hits, clock: FixedClock, agent: str
) -> None:
    contact = ledger.contact()
    send = decided(store, ledger)
    token = ledger.pixel(send, ledger.deliver(send, contact))
    today = clock.now().date()
    for days in (0, 3, -1):
        clock.advance(timedelta(days=days))
        hits.open(token, user_agent=agent)
        hits.flush()
    assert kept(store) == {contact: today + timedelta(days=3)}
    assert set(table(LastOpen).c.keys()) == {"contact_id", "on"}


def test_a_machine_is_no_opening(store: Store, ledger: Ledger, hits: Hits) -> None:
    opened(store, ledger, hits, ledger.contact(), agent=CURL)
    assert kept(store) == {}


def test_an_anonymous_letter_keeps_no_day_of_anybody(store: Store, ledger: Ledger, hits: Hits) -> None:
    send = ledger.send("anonymous")
    with store.write() as tx:
        tx.execute(table(Send).update().values(last_open=True))
    hits.open(ledger.pixel(send, ledger.deliver(send, ledger.contact())), user_agent=FIREFOX)
    hits.flush()
    assert kept(store) == {}


@pytest.mark.parametrize("answer", [TrackingConsent.DENIED, TrackingConsent.UNKNOWN])
def test_a_withdrawal_removes_it_at_once_and_nothing_comes_after(
    store: Store, ledger: Ledger, hits: Hits, answer: TrackingConsent
) -> None:
    opened(store, ledger, hits, contact := ledger.contact())
    with store.write() as tx:
        consents.record(tx, contact, state=answer, at=ledger.now, source="page", wording="v1")
    assert kept(store) == {}
    send = decided(store, ledger)
    hits.open(ledger.pixel(send, ledger.deliver(send, contact)), user_agent=FIREFOX)
    hits.flush()
    assert kept(store) == {}


def test_an_erasure_removes_it_and_a_request_for_data_shows_it(
    store: Store, ledger: Ledger, hits: Hits
) -> None:
    opened(store, ledger, hits, ledger.contact())
    with store.write() as tx:
        found = persons.find(tx, ALIX)
        assert found is not None
        assert found["last_open_on"] == ledger.now.date()
        persons.erase(tx, ALIX, digest=ledger.signer.erased, at=ledger.now, source="desk")
    assert kept(store) == {}


def test_two_contacts_that_are_one_person_keep_the_later_day(store: Store, ledger: Ledger) -> None:
    kept_id, gone_id = ledger.contact(), ledger.contact("a.lix@ville.example")
    with store.write() as tx:
        last_opens.keep(tx, {kept_id: date(2026, 1, 1), gone_id: date(2026, 2, 1)})
        held = merging.lock(tx, (ALIX, "a.lix@ville.example"))
        merging.merge(tx, held[ALIX], held["a.lix@ville.example"], at=ledger.now, by="anne")
    assert kept(store) == {kept_id: date(2026, 2, 1)}


def answered_by_an_import(store: Store, ledger: Ledger, answer: str) -> int:
    """A file says so of Alix; the number of the import."""
    with store.write() as tx:
        run = imports.begin(tx, kind="contacts", file_name="list.csv", at=ledger.now, by="anne")
        line = (2, ALIX, "", "", "", "", answer, None, None, 0)
        staging.merge(tx, [line], topics=(), at=ledger.now, source="import list.csv", run_id=run)
    return run


@pytest.mark.parametrize(
    ("stays", "goes"),
    [
        (TrackingConsent.DENIED, TrackingConsent.GRANTED),
        (TrackingConsent.GRANTED, TrackingConsent.DENIED),
    ],
)
def test_two_contacts_that_are_one_person_of_whom_one_refused_keep_no_day(
    store: Store, ledger: Ledger, stays: TrackingConsent, goes: TrackingConsent
) -> None:
    both = ledger.contact(tracking=stays), ledger.contact("a.lix@ville.example", tracking=goes)
    with store.write() as tx:
        last_opens.keep(tx, dict.fromkeys(both, date(2026, 1, 1)))
        held = merging.lock(tx, (ALIX, "a.lix@ville.example"))
        merging.merge(tx, held[ALIX], held["a.lix@ville.example"], at=ledger.now, by="anne")
    assert kept(store) == {}


def test_a_refusal_of_a_file_removes_it(store: Store, ledger: Ledger, hits: Hits) -> None:
    opened(store, ledger, hits, ledger.contact())
    answered_by_an_import(store, ledger, TrackingConsent.UNKNOWN.value)
    assert len(kept(store)) == 1
    answered_by_an_import(store, ledger, TrackingConsent.DENIED.value)
    assert kept(store) == {}


def test_a_yes_of_a_file_that_is_undone_takes_it_along(store: Store, ledger: Ledger) -> None:
    contact = ledger.contact(tracking=TrackingConsent.UNKNOWN)
    run = answered_by_an_import(store, ledger, TrackingConsent.GRANTED.value)
    with store.write() as tx:
        last_opens.keep(tx, {contact: date(2026, 1, 1)})
        journal.take_back(tx, run, at=ledger.now, source="undo")
    assert kept(store) == {}


def test_the_night_removes_what_is_of_nobody_who_accepts(store: Store, ledger: Ledger) -> None:
    people = [ledger.contact(f"{answer}@ville.example", tracking=answer) for answer in TrackingConsent]
    with store.write() as tx:
        last_opens.keep(tx, dict.fromkeys(people, ledger.now.date()))
        purge(tx, at=ledger.now)
    assert kept(store) == {people[list(TrackingConsent).index(TrackingConsent.GRANTED)]: ledger.now.date()}


def test_thirteen_months_remove_it(store: Store, ledger: Ledger, hits: Hits) -> None:
    opened(store, ledger, hits, ledger.contact())
    with store.write() as tx:
        purge(tx, at=ledger.now + timedelta(days=396))
        assert last_opens.count_asleep(tx, since=ledger.now, now=ledger.now) == 0
    assert len(kept(store)) == 1
    with store.write() as tx:
        purge(tx, at=ledger.now + timedelta(days=398))
    assert kept(store) == {}
