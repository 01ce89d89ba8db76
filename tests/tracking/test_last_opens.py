"""The day of the last opening (rules P9): one date, overwritten, only where it was decided, only to write less."""

import dataclasses
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from mailer.clock import FixedClock
from mailer.model.columns import table
from mailer.model.events import LastOpen
from mailer.model.ledger import Delivery, Send
from mailer.model.people import Subscription, SubscriptionChange, SubscriptionState, TrackingConsent
from mailer.store import (
    Store,
    consents,
    imports,
    journal,
    last_opens,
    merging,
    persons,
    retention,
    staging,
    subscriptions,
)
from mailer.store.retention import Bounds
from mailer.tracking import Hits, purge
from tests.tracking.agents import CURL, FIREFOX, GMAIL
from tests.tracking.ledger import Ledger

YEAR = timedelta(days=365)
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


def letters(store: Store, ledger: Ledger, contact: int, *days_ago: int, bounced: bool = False) -> None:
    """Letters that left so many days ago."""
    sends, copies = table(Send), table(Delivery)
    for days in days_ago:
        send = decided(store, ledger)
        copy = ledger.deliver(send, contact)
        with store.write() as tx:
            began = ledger.now - timedelta(days=days)
            tx.execute(sends.update().where(sends.c.id == send.id).values(started_at=began))
            if bounced:
                tx.execute(copies.update().where(copies.c.id == copy.id).values(outcome="bounced"))


def proposed(store: Store, ledger: Ledger) -> set[tuple[int, str]]:
    with store.read() as tx:
        return {
            (each.contact_id, each.topic)
            for each in last_opens.asleep(tx, since=ledger.now - YEAR, now=ledger.now)
        }


def test_who_had_letters_for_a_year_and_opened_none_is_proposed(store: Store, ledger: Ledger) -> None:
    ledger.subscribe(contact := ledger.contact())
    letters(store, ledger, contact, 400, 40)
    assert proposed(store, ledger) == {(contact, "flash")}
    with store.write() as tx:
        last_opens.keep(tx, {contact: (ledger.now - YEAR).date() - timedelta(days=1)})
    assert proposed(store, ledger) == {(contact, "flash")}
    with store.write() as tx:
        last_opens.keep(tx, {contact: (ledger.now - YEAR).date()})
    assert proposed(store, ledger) == set()


def test_who_is_new_gets_nothing_any_more_or_never_got_one_is_not_proposed(
    store: Store, ledger: Ledger
) -> None:
    for number, (days, bounced) in enumerate(
        [((10, 20), False), ((400,), False), ((400, 40), True), ((), False)]
    ):
        contact = ledger.contact(f"p{number}@ville.example")
        ledger.subscribe(contact)
        letters(store, ledger, contact, *days, bounced=bounced)
    assert proposed(store, ledger) == set()


@pytest.mark.parametrize("answer", [TrackingConsent.DENIED, TrackingConsent.UNKNOWN])
def test_who_does_not_accept_the_measure_is_never_proposed(
    store: Store, ledger: Ledger, answer: TrackingConsent
) -> None:
    ledger.subscribe(contact := ledger.contact(tracking=answer))
    letters(store, ledger, contact, 400, 40)
    assert proposed(store, ledger) == set()


def test_who_had_no_time_yet_to_open_the_only_letter_is_not_proposed(store: Store, ledger: Ledger) -> None:
    ledger.subscribe(contact := ledger.contact())
    letters(store, ledger, contact, 400, 27)
    assert proposed(store, ledger) == set()
    letters(store, ledger, contact, 29)
    assert proposed(store, ledger) == {(contact, "flash")}


def test_who_refused_and_accepted_again_since_then_is_not_proposed(store: Store, ledger: Ledger) -> None:
    ledger.subscribe(contact := ledger.contact())
    letters(store, ledger, contact, 400, 40)
    for days, answer in (
        (366, TrackingConsent.GRANTED),
        (30, TrackingConsent.DENIED),
        (29, TrackingConsent.GRANTED),
    ):
        with store.write() as tx:
            at = ledger.now - timedelta(days=days)
            consents.record(tx, contact, state=answer, at=at, source="page", wording="v1")
        assert bool(proposed(store, ledger)) is (days == 366)


def test_ending_is_of_the_topic_alone_is_written_down_and_excludes_nobody(
    store: Store, ledger: Ledger
) -> None:
    ledger.subscribe(contact := ledger.contact())
    ledger.subscribe(contact, "newsletter")
    letters(store, ledger, contact, 400, 40)
    with store.write() as tx:
        assert last_opens.end_asleep(tx, since=ledger.now - YEAR, at=ledger.now) == 1
    subscriptions, changes = table(Subscription), table(SubscriptionChange)
    with store.read() as tx:
        states = {row.topic: row.state for row in tx.execute(select(subscriptions))}
        [change] = tx.execute(select(changes)).all()
        assert tx.exec_driver_sql("SELECT count(*) FROM exclusion").scalar_one() == 0
    assert states == {"flash": "unsubscribed", "newsletter": "subscribed"}
    assert (change.topic, change.source) == ("flash", "last opening")
    assert proposed(store, ledger) == set()


def test_such_an_end_is_no_word_of_theirs_until_they_say_so_themselves(store: Store, ledger: Ledger) -> None:
    ledger.subscribe(contact := ledger.contact())
    letters(store, ledger, contact, 400, 40)
    old = ledger.now + timedelta(days=1)
    bounds = Bounds(people=old, details=old, asleep=old, now=ledger.now, today=ledger.now.date())
    with store.write() as tx:
        last_opens.end_asleep(tx, since=ledger.now - YEAR, at=ledger.now)
        assert last_opens.ended(tx, contact) == {"flash"}
        assert retention.inactive(tx, bounds) == [ALIX]
        state, at = SubscriptionState.UNSUBSCRIBED, ledger.now + timedelta(hours=1)
        subscriptions.set_state(
            tx, contact_id=contact, topic="flash", state=state, at=at, source="page", again=True
        )
        assert last_opens.ended(tx, contact) == set()
        assert retention.inactive(tx, dataclasses.replace(bounds, people=ledger.now + 2 * YEAR)) == []
    with store.write() as tx:
        assert retention.inactive(tx, bounds) == []


def test_such_an_end_is_no_sign_of_life(store: Store, ledger: Ledger) -> None:
    ledger.subscribe(contact := ledger.contact())
    letters(store, ledger, contact, 400, 40)
    later = ledger.now + timedelta(days=2)
    with store.write() as tx:
        last_opens.end_asleep(tx, since=ledger.now - YEAR, at=later)
        since = ledger.now + timedelta(days=1)
        bounds = Bounds(people=since, details=since, asleep=since, now=later, today=later.date())
        assert retention.inactive(tx, bounds) == [ALIX]
