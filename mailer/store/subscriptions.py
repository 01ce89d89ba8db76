"""Subscriptions: the present state, and the append-only log that proves how it came about."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, literal, select

from mailer.model.columns import Instant, table
from mailer.model.outgoing import Happening
from mailer.model.people import Contact, Subscription, SubscriptionChange, SubscriptionState
from mailer.store import outbox
from mailer.store.engine import Tx
from mailer.store.upserts import insert_into

contact, subscription = table(Contact), table(Subscription)
change = table(SubscriptionChange)
_TOLD = {
    SubscriptionState.SUBSCRIBED: Happening.SUBSCRIBED,
    SubscriptionState.UNSUBSCRIBED: Happening.UNSUBSCRIBED,
}


def has_state(contact_id: ColumnElement[Any], topic: str) -> ColumnElement[bool]:
    """The person has a subscription of whatever state to the topic."""
    mine = (subscription.c.contact_id == contact_id, subscription.c.topic == topic)
    return exists(select(subscription.c.id).where(*mine))


def join(tx: Tx, people: Select[Any], *, topic: str, at: datetime, source: str) -> None:
    """Subscribe those who had said nothing about the topic yet; `people` selects contact ids and their evidence.

    An unsubscription stays: only the person lifts it.
    """
    contact_id, evidence = people.selected_columns
    state, since = literal(SubscriptionState.SUBSCRIBED.value), literal(at, Instant)
    fresh = people.where(~has_state(contact_id, topic)).with_only_columns(
        contact_id, literal(topic), state, since
    )
    proven = fresh.add_columns(literal(source), evidence)
    columns = ["contact_id", "topic", "state", "at"]
    # The log first: afterwards nobody is fresh any more.
    tx.execute(change.insert().from_select([*columns, "source", "evidence"], proven))
    if outbox.is_wanted(tx, Happening.SUBSCRIBED):
        ids = tx.execute(fresh.with_only_columns(contact_id)).scalars()
        outbox.tell_all(
            tx, Happening.SUBSCRIBED, [{"contact_id": each, "topic": topic} for each in ids], at=at
        )
    tx.execute(subscription.insert().from_select(columns, fresh))


def set_state(
    tx: Tx,
    *,
    contact_id: int,
    topic: str,
    state: SubscriptionState,
    at: datetime,
    source: str,
    evidence: str = "",
    again: bool = False,
) -> bool:
    """Change one person's subscription and write it down; whether anything was written.

    `again`: the person has said it themselves, so it is written also where it was so before. The log then says
    `confirmed`: nobody arrived.
    """
    present = tx.execute(
        select(subscription.c.state).where(
            subscription.c.contact_id == contact_id, subscription.c.topic == topic
        )
    ).scalar_one_or_none()
    known = present == state.value
    if known and not again:
        return False
    values = {"contact_id": contact_id, "topic": topic, "state": state.value, "at": at}
    statement = insert_into(tx, subscription).values(**values)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["contact_id", "topic"], set_={"state": state.value, "at": at}
        )
    )
    logged = {**values, "state": SubscriptionState.CONFIRMED.value} if known else values
    tx.execute(change.insert().values(**logged, source=source, evidence=evidence))
    if not known and state in _TOLD:
        outbox.tell(tx, _TOLD[state], {"contact_id": contact_id, "topic": topic}, at=at)
    return True


def pass_on(tx: Tx, contact_id: int, topic: str, *, at: datetime, source: str, evidence: str) -> None:
    """The subscription came with a function that somebody else has now: it ends, and is no refusal."""
    tx.execute(
        subscription.delete().where(subscription.c.contact_id == contact_id, subscription.c.topic == topic)
    )
    values = {"contact_id": contact_id, "topic": topic, "state": SubscriptionState.PASSED.value, "at": at}
    tx.execute(change.insert().values(**values, source=source, evidence=evidence))
    outbox.tell(tx, Happening.UNSUBSCRIBED, {"contact_id": contact_id, "topic": topic}, at=at)


def begun_by(tx: Tx, contact_id: int) -> dict[str, str]:
    """Topic -> the source of what last subscribed this contact to it, of those they are subscribed to."""
    said = (SubscriptionState.SUBSCRIBED.value, SubscriptionState.CONFIRMED.value)
    rows = tx.execute(
        select(change.c.topic, change.c.source)
        .join(
            subscription,
            (subscription.c.contact_id == change.c.contact_id) & (subscription.c.topic == change.c.topic),
        )
        .where(
            change.c.contact_id == contact_id,
            change.c.state.in_(said),
            subscription.c.state == SubscriptionState.SUBSCRIBED.value,
        )
        .order_by(change.c.id)
    )
    return {row.topic: row.source for row in rows}


def topics_of(tx: Tx, address: str) -> set[str]:
    """What the contact of this address is subscribed to; nothing where there is none."""
    theirs = select(subscription.c.topic).join(contact, contact.c.id == subscription.c.contact_id)
    held = (contact.c.address == address, subscription.c.state == SubscriptionState.SUBSCRIBED.value)
    return set(tx.execute(theirs.where(*held)).scalars())


def states(tx: Tx, contact_id: int) -> dict[str, str]:
    """Topic -> state of one contact."""
    rows = tx.execute(
        select(subscription.c.topic, subscription.c.state).where(subscription.c.contact_id == contact_id)
    )
    return {row.topic: row.state for row in rows}
