"""Subscriptions: the present state, and the append-only log that proves how it came about."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, exists, literal, select, union_all

from mailer.model.columns import Instant, table
from mailer.model.outgoing import Happening
from mailer.model.people import (
    BY_IMPORT,
    Contact,
    ImportRun,
    Subscription,
    SubscriptionChange,
    SubscriptionState,
)
from mailer.store import outbox
from mailer.store.engine import Tx
from mailer.store.upserts import Insert, insert_into

contact, subscription = table(Contact), table(Subscription)
change = table(SubscriptionChange)
import_run = table(ImportRun)
_LOGGED = ("contact_id", "topic", "state", "at", "source", "evidence")
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
    into = _joining(tx, people, at).on_conflict_do_nothing()
    return tx.execute(into, execution_options={"preserve_rowcount": True}).rowcount


def join_new(tx: Tx, people: Select[Any], *, at: datetime, run_id: int) -> None:
    """Subscribe contacts that this import made: nobody else knows them yet, so that there is nothing to find out.

    Their rows are the proof: a log of its own, row by row, would be a quarter of the cost of an import.
    """
    _, _, evidence = people.selected_columns
    tx.execute(_joining(tx, people, at, {"imported_by": literal(run_id), "evidence": evidence}))


def _joining(
    tx: Tx, people: Select[Any], at: datetime, proof: Mapping[str, ColumnElement[Any]] | None = None
) -> Insert:
    contact_id, topic, _ = people.selected_columns
    given = proof or {}
    state = literal(SubscriptionState.SUBSCRIBED.value)
    rows = people.with_only_columns(contact_id, topic, state, literal(at, Instant), *given.values())
    return insert_into(tx, subscription).from_select(["contact_id", "topic", "state", "at", *given], rows)


def log_joins(tx: Tx, people: Select[Any], *, at: datetime, source: str) -> None:
    """Write down that these people were subscribed, with their evidence."""
    contact_id, topic, evidence = people.selected_columns
    state = literal(SubscriptionState.SUBSCRIBED.value)
    rows = people.with_only_columns(contact_id, topic, state, literal(at, Instant), literal(source), evidence)
    tx.execute(change.insert().from_select(_LOGGED, rows))


def log() -> Subquery:
    """All that is written down of subscriptions, in the order of `at` and `id`; `id` is 0 for what came with a contact.

    What the import brought that made a contact stands in the subscription itself.
    """
    written = select(change.c.id, *(change.c[name] for name in _LOGGED))
    return union_all(written, _came_with(literal(0))).subquery("subscription_log")


def write_out(tx: Tx, contact_id: int, topic: str | None = None) -> None:
    """Before subscriptions of this contact go: what they prove themselves is written to the log."""
    mine = subscription.c.contact_id == contact_id
    rows = _came_with().where(mine if topic is None else mine & (subscription.c.topic == topic))
    tx.execute(change.insert().from_select(_LOGGED, rows))


def _came_with(*first: ColumnElement[Any]) -> Select[Any]:
    """What imports subscribed that made the contact, as the log says it."""
    return select(
        *first,
        subscription.c.contact_id,
        subscription.c.topic,
        literal(SubscriptionState.SUBSCRIBED.value).label("state"),
        import_run.c.at,
        (BY_IMPORT + import_run.c.file_name).label("source"),
        subscription.c.evidence,
    ).join_from(subscription, import_run, import_run.c.id == subscription.c.imported_by)


def tell_joined(tx: Tx, people: Select[Any], *, at: datetime) -> None:
    """Tell whoever wants to know that these people were subscribed."""
    contact_id, topic, _ = people.selected_columns
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


def leave(
    tx: Tx, contact_id: int, topics: Iterable[str], *, delivery_id: int | None, at: datetime, source: str
) -> None:
    """The person leaves these topics, by that copy."""
    left, proof = SubscriptionState.UNSUBSCRIBED, f"delivery {delivery_id}"
    for topic in topics:
        set_state(tx, contact_id=contact_id, topic=topic, state=left, at=at, source=source, evidence=proof)


def pass_on(tx: Tx, contact_id: int, topic: str, *, at: datetime, source: str, evidence: str) -> None:
    """The subscription came with a function that somebody else has now: it ends, and is no refusal."""
    write_out(tx, contact_id, topic)
    tx.execute(
        subscription.delete().where(subscription.c.contact_id == contact_id, subscription.c.topic == topic)
    )
    values = {"contact_id": contact_id, "topic": topic, "state": SubscriptionState.PASSED.value, "at": at}
    tx.execute(change.insert().values(**values, source=source, evidence=evidence))
    outbox.tell(tx, Happening.UNSUBSCRIBED, {"contact_id": contact_id, "topic": topic}, at=at)


def begun_by(tx: Tx, contact_id: int) -> dict[str, str]:
    """Topic -> the source of what last subscribed this contact to it, of those they are subscribed to."""
    said = (SubscriptionState.SUBSCRIBED.value, SubscriptionState.CONFIRMED.value)
    told = log()
    rows = tx.execute(
        select(told.c.topic, told.c.source)
        .join(
            subscription,
            (subscription.c.contact_id == told.c.contact_id) & (subscription.c.topic == told.c.topic),
        )
        .where(
            told.c.contact_id == contact_id,
            told.c.state.in_(said),
            subscription.c.state == SubscriptionState.SUBSCRIBED.value,
        )
        .order_by(told.c.at, told.c.id)
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
