"""The day of a person's last opening, and who has opened nothing for long: to write less to them, and for nothing else (rules P9).

One date for each person, overwritten: no hour, no letter, nothing about the machine. Only of letters whose campaign has
decided so, and only while the person accepts the measure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, select

from mailer.model.columns import table
from mailer.model.events import LastOpen
from mailer.model.ledger import Delivery, DeliveryState, Send, Snapshot
from mailer.model.people import (
    Contact,
    Subscription,
    SubscriptionChange,
    SubscriptionState,
    TrackingConsent,
)
from mailer.store import consents, subscriptions
from mailer.store.engine import Tx
from mailer.store.upserts import insert_into

last_open = table(LastOpen)
contact, subscription = table(Contact), table(Subscription)
change = table(SubscriptionChange)
delivery, send, snapshot = table(Delivery), table(Send), table(Snapshot)
#: Who ends such a subscription, in the log of subscriptions.
SOURCE = "last opening"
#: A letter is opened within this time, or may still be.
_TIME_TO_OPEN = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class Asleep:
    """A subscription of somebody who has opened nothing."""

    contact_id: int
    topic: str


def keep(tx: Tx, days: Mapping[int, date]) -> None:
    """Contact -> the day of an opening; an earlier one than the known day changes nothing."""
    for contact_id, day in sorted(days.items()):
        statement = insert_into(tx, last_open).values(contact_id=contact_id, on=day)
        later = {"on": statement.excluded.on}
        older = last_open.c.on < statement.excluded.on
        tx.execute(statement.on_conflict_do_update(index_elements=["contact_id"], set_=later, where=older))


def find(tx: Tx, contact_id: int) -> date | None:
    return tx.execute(select(last_open.c.on).where(last_open.c.contact_id == contact_id)).scalar_one_or_none()


def forget(tx: Tx, contact_id: int) -> None:
    """The person withdrew, or is no longer here."""
    tx.execute(last_open.delete().where(last_open.c.contact_id == contact_id))


def forget_unwilling(tx: Tx, contact_id: int | None = None) -> None:
    """No day outlives its yes: of one contact, or of everybody. Called wherever answers change otherwise than one by one."""
    willing = exists().where(
        contact.c.id == last_open.c.contact_id, contact.c.tracking == TrackingConsent.GRANTED.value
    )
    gone = last_open.delete().where(~willing)
    tx.execute(gone if contact_id is None else gone.where(last_open.c.contact_id == contact_id))


def carry(tx: Tx, *, source: int, to: int) -> None:
    """Two contacts are one person: the later day stays."""
    day = find(tx, source)
    if day is not None:
        keep(tx, {to: day})
        forget(tx, source)


def purge(tx: Tx, *, before: date) -> None:
    """Drop older days; whoever opened nothing since then has none. Nor has whoever does not accept the measure."""
    tx.execute(last_open.delete().where(last_open.c.on < before))
    forget_unwilling(tx)


def asleep(tx: Tx, *, since: datetime, now: datetime) -> list[Asleep]:
    """Subscriptions of people who accept the measure, had such letters before and after that moment, and opened none since.

    A letter of the last four weeks counts for nobody: they may still open it. Whoever answered since that moment is not
    proposed: a no had removed the day of what they opened before.
    """
    opened = exists().where(last_open.c.contact_id == contact.c.id, last_open.c.on >= since.date())
    found = (
        select(contact.c.id, subscription.c.topic)
        .join(subscription, subscription.c.contact_id == contact.c.id)
        .where(
            contact.c.tracking == TrackingConsent.GRANTED.value,
            subscription.c.state == SubscriptionState.SUBSCRIBED.value,
            _had_one(send.c.started_at < since),
            _had_one(and_(send.c.started_at >= since, send.c.started_at < now - _TIME_TO_OPEN)),
            ~consents.answered_since(since),
            ~opened,
        )
    )
    rows = tx.execute(found.order_by(contact.c.id, subscription.c.topic))
    return [Asleep(row.id, row.topic) for row in rows]


def count_asleep(tx: Tx, *, since: datetime, now: datetime) -> int:
    return len(asleep(tx, since=since, now=now))


def end_asleep(tx: Tx, *, since: datetime, at: datetime) -> int:
    """End these subscriptions, each of its own topic; no exclusion: their people may come back at any moment."""
    ended = 0
    for each in asleep(tx, since=since, now=at):
        ended += subscriptions.set_state(
            tx,
            contact_id=each.contact_id,
            topic=each.topic,
            state=SubscriptionState.UNSUBSCRIBED,
            at=at,
            source=SOURCE,
            evidence=f"nothing opened since {since.date().isoformat()}",
        )
    return ended


def ended(tx: Tx, contact_id: int) -> set[str]:
    """The topics whose subscription was ended so, of this contact: no word of theirs."""
    mine = (subscription.c.contact_id == contact_id, by_ourselves())
    return set(tx.execute(select(subscription.c.topic).where(*mine)).scalars())


def by_ourselves() -> ColumnElement[bool]:
    """The present state of a subscription was written by `end_asleep`."""
    return exists().where(
        change.c.contact_id == subscription.c.contact_id,
        change.c.topic == subscription.c.topic,
        change.c.state == subscription.c.state,
        change.c.at == subscription.c.at,
        change.c.source == SOURCE,
    )


def _had_one(when: ColumnElement[bool]) -> ColumnElement[bool]:
    """A measured copy of a letter of this topic, that arrived."""
    sent: Select[tuple[int]] = (
        select(delivery.c.id)
        .join(send, send.c.id == delivery.c.send_id)
        .join(snapshot, snapshot.c.id == send.c.snapshot_id)
        .where(
            and_(send.c.last_open, when),
            snapshot.c.topic == subscription.c.topic,
            delivery.c.contact_id == contact.c.id,
            delivery.c.state == DeliveryState.ACCEPTED.value,
            delivery.c.measured,
            func.coalesce(delivery.c.outcome, "") != "bounced",
        )
    )
    return sent.correlate(contact, subscription).exists()
