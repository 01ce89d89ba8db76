"""What providers report: once each, in any order, with the same end."""

import threading
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from mailer.clock import FixedClock
from mailer.model.columns import table
from mailer.model.events import Event
from mailer.model.ledger import Delivery, DeliveryState, Outcome
from mailer.model.mail import Kind, ProviderEvent
from mailer.model.people import Exclusion, SubscriptionChange
from mailer.store import Store, subscriptions
from mailer.tokens import Signer
from mailer.tracking import record
from tests.conftest import NOW
from tests.tracking.ledger import Ledger

_numbers = count(1)


def report(
    kind: Kind,
    *,
    key: str | None = None,
    ref: str | None = None,
    dedupe: str = "",
    smtp_code: str | None = "5.1.1",
) -> ProviderEvent:
    return ProviderEvent(
        "postal",
        kind,
        NOW,
        dedupe=dedupe or f"{kind}-{key or ref}",
        key=key,
        provider_ref=ref,
        smtp_code=smtp_code,
    )


def test_a_report_is_counted_once(store: Store, ledger: Ledger) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    news = report(Kind.DELIVERED, key=delivery.key)
    with store.write() as tx:
        assert record(tx, [news, news], at=NOW) == 1
        assert record(tx, [news], at=NOW) == 0
    assert ledger.delivery(delivery.key).outcome == Outcome.DELIVERED


def test_a_delivery_is_found_by_the_provider_s_reference(store: Store, ledger: Ledger) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    with store.write() as tx:
        record(tx, [report(Kind.DELIVERED, ref=delivery.provider_ref)], at=NOW)
    assert ledger.delivery(delivery.key).outcome == Outcome.DELIVERED


@pytest.mark.parametrize("state", [DeliveryState.POSTING, DeliveryState.IN_DOUBT])
def test_news_with_our_key_settle_a_doubt(store: Store, ledger: Ledger, state: DeliveryState) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact(), state=state)
    with store.write() as tx:
        record(tx, [report(Kind.ACCEPTED, key=delivery.key, ref="r1")], at=NOW)
    found = ledger.delivery(delivery.key)
    assert (found.state, found.provider_ref) == (DeliveryState.ACCEPTED, "r1")


@pytest.mark.parametrize(
    ("kind", "outcome", "reason"),
    [
        (Kind.HARD_BOUNCE, Outcome.BOUNCED, "hard_bounce"),
        (Kind.COMPLAINT, Outcome.COMPLAINED, "complaint"),
    ],
)
def test_a_dead_address_or_a_complaint_excludes_from_everything(
    store: Store, ledger: Ledger, kind: Kind, outcome: Outcome, reason: str
) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    with store.write() as tx:
        record(tx, [report(kind, key=delivery.key)], at=NOW)
    assert ledger.delivery(delivery.key).outcome == outcome
    assert _exclusions(store) == {("alix@ville.example", "*", reason)}


@pytest.mark.parametrize("code", ["5.1.1", "5.1.10", "5.0.0", "5.2.1", "550", "551", "553", "", None])
def test_a_dead_mailbox_excludes_at_once(store: Store, ledger: Ledger, code: str | None) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    with store.write() as tx:
        record(tx, [report(Kind.HARD_BOUNCE, key=delivery.key, smtp_code=code)], at=NOW)
    assert _exclusions(store) == {("alix@ville.example", "*", "hard_bounce")}


@pytest.mark.parametrize("code", ["5.2.2", "5.7.1", "5.1.8", "5.3.4", "5.4.4", "4.4.7", "450", "552", "554"])
def test_a_refusal_that_says_nothing_of_the_mailbox_counts_towards_three(
    store: Store, ledger: Ledger, code: str
) -> None:
    contact = ledger.contact()
    for _ in range(3):
        delivery = ledger.deliver(ledger.send(), contact)
        assert _exclusions(store) == set()
        with store.write() as tx:
            record(tx, [report(Kind.HARD_BOUNCE, key=delivery.key, smtp_code=code)], at=NOW)
        assert ledger.delivery(delivery.key).outcome == Outcome.BOUNCED
    assert _exclusions(store) == {("alix@ville.example", "*", "soft_bounces")}


def test_who_unsubscribes_at_the_provider_leaves_the_topic(store: Store, ledger: Ledger) -> None:
    contact = ledger.contact()
    ledger.subscribe(contact)
    delivery = ledger.deliver(ledger.send(), contact)
    for _ in range(2):
        with store.write() as tx:
            record(tx, [report(Kind.UNSUBSCRIBE, key=delivery.key)], at=NOW)
    assert _exclusions(store) == {("alix@ville.example", "flash", "unsubscribed")}
    with store.read() as tx:
        assert subscriptions.states(tx, contact) == {"flash": "unsubscribed"}
        [proof] = tx.execute(select(table(SubscriptionChange))).all()
    assert (proof.state, proof.evidence) == ("unsubscribed", f"delivery {delivery.id}")


def test_what_is_held_or_put_off_is_noted_and_nothing_more(store: Store, ledger: Ledger) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    with store.write() as tx:
        assert (
            record(tx, [report(Kind.HELD, key=delivery.key), report(Kind.DEFERRED, key=delivery.key)], at=NOW)
            == 2
        )
    assert ledger.delivery(delivery.key).outcome is None
    assert _exclusions(store) == set()


def test_reports_that_come_at_once_see_each_other_s_bounces(store: Store, ledger: Ledger) -> None:
    contact = ledger.contact()
    copies = [ledger.deliver(ledger.send(), contact) for _ in range(3)]

    def tell(key: str) -> None:
        with store.write() as tx:
            record(tx, [report(Kind.SOFT_BOUNCE, key=key)], at=NOW)

    threads = [threading.Thread(target=tell, args=(copy.key,)) for copy in copies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _exclusions(store) == {("alix@ville.example", "*", "soft_bounces")}


def test_three_sends_that_bounce_softly_exclude_and_two_do_not(store: Store, ledger: Ledger) -> None:
    contact = ledger.contact()
    for number in range(3):
        delivery = ledger.deliver(ledger.send(), contact)
        reports = [report(Kind.SOFT_BOUNCE, key=delivery.key, dedupe=f"{number}-{n}") for n in range(3)]
        assert _exclusions(store) == set()
        with store.write() as tx:
            record(tx, reports, at=NOW)
    assert _exclusions(store) == {("alix@ville.example", "*", "soft_bounces")}


def test_reports_about_nobody_and_the_provider_s_own_opens_change_nothing(
    store: Store, ledger: Ledger
) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    reports = [
        report(Kind.HARD_BOUNCE, key="nobody"),
        report(Kind.HARD_BOUNCE, ref="unknown"),
        report(Kind.HARD_BOUNCE),
        report(Kind.OPEN, key=delivery.key),
        report(Kind.CLICK, key=delivery.key),
    ]
    with store.write() as tx:
        assert record(tx, reports, at=NOW) == 0
        assert tx.execute(select(func.count()).select_from(table(Event))).scalar_one() == 0
    assert ledger.delivery(delivery.key).outcome is None
    assert _exclusions(store) == set()


def test_what_a_server_said_in_its_own_words_is_not_kept(store: Store, ledger: Ledger) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    said = ProviderEvent("postal", Kind.HARD_BOUNCE, NOW, dedupe="1", key=delivery.key, detail="no alix here")
    with store.write() as tx:
        record(tx, [said], at=NOW)
        row = tx.execute(select(table(Event))).one()
    assert row.detail == ""


_KINDS = [
    Kind.ACCEPTED, Kind.DELIVERED, Kind.DEFERRED, Kind.SOFT_BOUNCE, Kind.HARD_BOUNCE, Kind.BLOCKED, Kind.COMPLAINT,
    Kind.NOTICE, Kind.OPEN, Kind.UNSUBSCRIBE,
]  # fmt: skip
_STORY = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(_KINDS)), min_size=1, max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=_STORY, data=st.data())
def test_any_order_with_repetitions_has_the_same_end(
    store: Store, signer: Signer, clock: FixedClock, story: list[tuple[int, Kind]], data: st.DataObject
) -> None:
    again = data.draw(st.permutations(story + data.draw(st.lists(st.sampled_from(story), max_size=4))))
    ledger = Ledger(store, signer, clock.now())
    assert _end(ledger, story) == _end(ledger, again)


def _end(ledger: Ledger, story: list[tuple[int, Kind]]) -> object:
    """The end of one story, told to a person of its own who got four letters."""
    address = f"p{next(_numbers)}@ville.example"
    contact = ledger.contact(address)
    ledger.numbers = _numbers
    copies = [ledger.deliver(ledger.send(), contact, address, state=DeliveryState.IN_DOUBT) for _ in range(4)]
    for number, kind in story:
        with ledger.store.write() as tx:
            record(tx, [report(kind, key=copies[number].key)], at=ledger.now + timedelta(minutes=1))
    left = sorted(reason for found, _, reason in _exclusions(ledger.store) if found == address)
    return [_facts(ledger.delivery(copy.key)) for copy in copies], left


def _facts(delivery: Delivery) -> tuple[str, str | None]:
    return delivery.state, delivery.outcome


def _exclusions(store: Store) -> set[tuple[str, str, str]]:
    rows = table(Exclusion)
    with store.read() as tx:
        return {tuple(row) for row in tx.execute(select(rows.c.address, rows.c.scope, rows.c.reason))}


def test_a_key_that_is_not_ours_is_nobody_s_whatever_the_reference_says(store: Store, ledger: Ledger) -> None:
    """Numbers begin anew when a server is set up again: a proof's bounce there must not exclude a person here."""
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    with store.write() as tx:
        assert record(tx, [report(Kind.HARD_BOUNCE, key="a" * 26, ref=delivery.provider_ref)], at=NOW) == 0
        assert tx.execute(select(func.count()).select_from(table(Exclusion))).scalar_one() == 0


def test_the_latest_delivery_bears_a_reference_that_was_given_twice(store: Store, ledger: Ledger) -> None:
    for address in ("old@ville.example", "new@ville.example"):
        ledger.deliver(ledger.send(), ledger.contact(address), address)
    with store.write() as tx:
        tx.execute(table(Delivery).update().values(provider_ref="57"))
        record(tx, [report(Kind.COMPLAINT, ref="57")], at=NOW)
        assert tx.execute(select(table(Exclusion).c.address)).scalars().all() == ["new@ville.example"]
