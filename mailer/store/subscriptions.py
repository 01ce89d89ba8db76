"""Subscriptions: the present state, and the append-only log that proves how it came about."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.people import Subscription, SubscriptionChange, SubscriptionState
from mailer.store.engine import Tx
from mailer.store.upserts import insert_into

subscription = table(Subscription)
change = table(SubscriptionChange)


def join(
    tx: Tx, given: Mapping[int, frozenset[str]], *, at: datetime, source: str, dry_run: bool
) -> set[int]:
    """Subscribe contacts (id -> topics) who had said nothing yet; gives the ids of those who joined something.

    An unsubscription stays: only the person lifts it.
    """
    known = {
        (row.contact_id, row.topic)
        for row in tx.execute(select(subscription.c.contact_id, subscription.c.topic))
    }
    fresh = [
        {"contact_id": contact_id, "topic": topic, "state": SubscriptionState.SUBSCRIBED.value, "at": at}
        for contact_id, topics in given.items()
        for topic in sorted(topics)
        if (contact_id, topic) not in known
    ]
    if fresh and not dry_run:
        tx.execute(subscription.insert(), fresh)
        tx.execute(change.insert(), [{**row, "source": source, "evidence": ""} for row in fresh])
    return {int(str(row["contact_id"])) for row in fresh}


def set_state(
    tx: Tx,
    *,
    contact_id: int,
    topic: str,
    state: SubscriptionState,
    at: datetime,
    source: str,
    evidence: str = "",
) -> bool:
    """Change one person's subscription and write it down; whether anything changed."""
    present = tx.execute(
        select(subscription.c.state).where(
            subscription.c.contact_id == contact_id, subscription.c.topic == topic
        )
    ).scalar_one_or_none()
    if present == state.value:
        return False
    values = {"contact_id": contact_id, "topic": topic, "state": state.value, "at": at}
    statement = insert_into(tx, subscription).values(**values)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["contact_id", "topic"], set_={"state": state.value, "at": at}
        )
    )
    tx.execute(change.insert().values(**values, source=source, evidence=evidence))
    return True


def states(tx: Tx, contact_id: int) -> dict[str, str]:
    """Topic -> state of one contact."""
    rows = tx.execute(
        select(subscription.c.topic, subscription.c.state).where(subscription.c.contact_id == contact_id)
    )
    return {row.topic: row.state for row in rows}
