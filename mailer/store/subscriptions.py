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


def has_joined(contact_id: ColumnElement[Any], topic: str, *, at: datetime) -> ColumnElement[bool]:
    """The person was subscribed to the topic at that instant, and is."""
    mine = (subscription.c.contact_id == contact_id, subscription.c.topic == topic)
    joined = (
        subscription.c.at == literal(at, Instant),
        subscription.c.state == SubscriptionState.SUBSCRIBED.value,
    )
    return exists(select(subscription.c.id).where(*mine, *joined))


def join(tx: Tx, people: Select[Any], *, at: datetime) -> int:
    """Subscribe those who had said nothing about a topic; `people` selects contacts, topics and evidence. How many.

    An unsubscription stays, also one of this moment: only the person lifts it.
    """
    contact_id, topic, _ = people.selected_columns
    rows = people.with_only_columns(
        contact_id, topic, literal(SubscriptionState.SUBSCRIBED.value), literal(at, Instant)
    )
    into = insert_into(tx, subscription).from_select(["contact_id", "topic", "state", "at"], rows)
    done = tx.execute(into.on_conflict_do_nothing(), execution_options={"preserve_rowcount": True})
    return done.rowcount


def log_joins(tx: Tx, people: Select[Any], *, at: datetime, source: str) -> None:
    """Write down that these people were subscribed, with their evidence, and tell whoever wants to know."""
    contact_id, topic, evidence = people.selected_columns
    state = literal(SubscriptionState.SUBSCRIBED.value)
    rows = people.with_only_columns(contact_id, topic, state, literal(at, Instant), literal(source), evidence)
    columns = ["contact_id", "topic", "state", "at", "source", "evidence"]
    tx.execute(change.insert().from_select(columns, rows))
    if outbox.is_wanted(tx, Happening.SUBSCRIBED):
        told = tx.execute(people.with_only_columns(contact_id, topic)).mappings().all()
        outbox.tell_all(tx, Happening.SUBSCRIBED, told, at=at)


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
