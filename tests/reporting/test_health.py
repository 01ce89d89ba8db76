"""List health counts people, not rows, and months where its people live."""

from datetime import UTC, datetime

from mailer.model.columns import table
from mailer.model.people import Contact, Exclusion, Subscription, SubscriptionChange
from mailer.model.series import ListHealth
from mailer.reporting import health as healths
from mailer.store import Store
from tests.reporting.sent import BEGAN


def health(store: Store, topic: str = "flash") -> ListHealth:
    with store.read() as tx:
        return healths.list_health(tx, topic, at=BEGAN, zone="Europe/Paris")


def add_person(store: Store, number: int, *, state: str = "subscribed", tracking: str = "unknown") -> str:
    address = f"p{number}@ville.example"
    with store.write() as tx:
        tx.execute(
            table(Contact)
            .insert()
            .values(
                id=number,
                address=address,
                tracking=tracking,
                created_at=BEGAN,
                updated_at=BEGAN,
                attributes={},
            )
        )
        tx.execute(
            table(Subscription).insert().values(contact_id=number, topic="flash", state=state, at=BEGAN)
        )
    return address


def exclude(store: Store, address: str, reason: str, scope: str = "*") -> None:
    with store.write() as tx:
        tx.execute(
            table(Exclusion).insert().values(address=address, scope=scope, reason=reason, at=BEGAN, source="")
        )


def change(store: Store, contact_id: int, state: str, at: datetime, topic: str = "flash") -> None:
    values = {
        "contact_id": contact_id,
        "topic": topic,
        "state": state,
        "at": at,
        "source": "",
        "evidence": "",
    }
    with store.write() as tx:
        tx.execute(table(SubscriptionChange).insert().values(**values))


def test_nobody_is_nobody(store: Store) -> None:
    found = health(store)
    assert (found.subscribed, found.barred, found.writable, dict(found.barred_by)) == (0, 0, 0, {})
    assert [(each.arrivals, each.departures) for each in found.months] == [(0, 0)] * 12


def test_somebody_excluded_twice_is_barred_once(store: Store) -> None:
    first, second, third, fourth = (add_person(store, number) for number in range(1, 5))
    add_person(store, 5, state="unsubscribed")
    exclude(store, first, "hard_bounce")
    exclude(store, first, "complaint")
    exclude(store, second, "hard_bounce", scope="flash")
    exclude(store, third, "by_hand", scope="newsletter")  # of another topic
    exclude(store, "p5@ville.example", "complaint")  # has left already
    found = health(store)
    assert (found.subscribed, found.barred, found.writable) == (4, 2, 2)
    assert found.barred_by == {"hard_bounce": 2, "complaint": 1}
    assert fourth


def test_answers_about_the_measure_are_counted_among_subscribers(store: Store) -> None:
    for number, answer in enumerate(("granted", "granted", "denied", "unknown"), 1):
        add_person(store, number, tracking=answer)
    assert health(store).consents == {"granted": 2, "denied": 1, "unknown": 1}


def test_months_begin_where_people_live(store: Store) -> None:
    add_person(store, 1)
    change(store, 1, "subscribed", datetime(2025, 6, 30, 21, 59, tzinfo=UTC))  # still June in Paris: too old
    change(store, 1, "subscribed", datetime(2025, 6, 30, 22, 0, tzinfo=UTC))  # 1 July
    change(store, 1, "unsubscribed", datetime(2026, 5, 31, 21, 59, tzinfo=UTC))  # still May
    change(store, 1, "subscribed", datetime(2026, 5, 31, 22, 0, tzinfo=UTC))  # 1 June
    change(store, 1, "unsubscribed", datetime(2026, 6, 2, tzinfo=UTC), topic="newsletter")
    months = health(store).months
    assert [each.first.isoformat() for each in (months[0], months[-1])] == ["2025-07-01", "2026-06-01"]
    assert [(each.arrivals, each.departures) for each in months] == [(1, 0), *[(0, 0)] * 9, (0, 1), (1, 0)]


def test_a_letter_that_passes_to_a_successor_is_one_departure_and_one_arrival(store: Store) -> None:
    for number in (1, 2):
        add_person(store, number)
    at = datetime(2026, 6, 2, tzinfo=UTC)
    change(store, 1, "passed", at)
    change(store, 2, "subscribed", at)
    last = health(store).months[-1]
    assert (last.arrivals, last.departures) == (1, 1)
