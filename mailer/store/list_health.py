"""The subscribers of a topic as a whole: counts only, no person is read."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import ColumnElement, and_, case, exists, func, select

from mailer.model.columns import table
from mailer.model.people import (
    EVERYTHING,
    Contact,
    Exclusion,
    Subscription,
    SubscriptionChange,
    SubscriptionState,
)
from mailer.store.engine import Tx

contact = table(Contact)
exclusion = table(Exclusion)
subscription = table(Subscription)
change = table(SubscriptionChange)

_SUBSCRIBERS = contact.join(subscription, subscription.c.contact_id == contact.c.id)


def consents(tx: Tx, topic: str) -> dict[str, int]:
    """Answer about the measure -> subscribers of the topic: their sum is all of them."""
    found = select(contact.c.tracking, func.count()).select_from(_SUBSCRIBERS).where(_subscribed(topic))
    return {answer: int(count) for answer, count in tx.execute(found.group_by(contact.c.tracking))}


def barred(tx: Tx, topic: str) -> int:
    """Subscribers who must not be written to, each once."""
    held = exists().where(_bars(topic))
    found = select(func.count()).select_from(_SUBSCRIBERS).where(_subscribed(topic), held)
    return int(tx.execute(found).scalar_one())


def barred_by(tx: Tx, topic: str) -> dict[str, int]:
    """Reason -> subscribers with an exclusion of it, the most first."""
    people = func.count(func.distinct(contact.c.id))
    joined = _SUBSCRIBERS.join(exclusion, _bars(topic))
    found = select(exclusion.c.reason, people).select_from(joined).where(_subscribed(topic))
    rows = tx.execute(found.group_by(exclusion.c.reason).order_by(people.desc(), exclusion.c.reason))
    return {reason: int(count) for reason, count in rows}


def changes(tx: Tx, topic: str, bounds: Sequence[datetime]) -> list[tuple[int, int]]:
    """(subscribed, unsubscribed) between each two neighbours of `bounds`, from the log of changes."""
    columns = [
        func.coalesce(
            func.sum(
                case((and_(change.c.state == state, change.c.at >= since, change.c.at < until), 1), else_=0)
            ),
            0,
        )
        for since, until in pairwise(bounds)
        for state in (SubscriptionState.SUBSCRIBED.value, SubscriptionState.UNSUBSCRIBED.value)
    ]
    of_topic = (change.c.topic == topic, change.c.at >= bounds[0], change.c.at < bounds[-1])
    row = [int(count) for count in tx.execute(select(*columns).where(*of_topic)).one()]
    return list(zip(row[::2], row[1::2], strict=True))


def _subscribed(topic: str) -> ColumnElement[bool]:
    state = SubscriptionState.SUBSCRIBED.value
    return and_(subscription.c.topic == topic, subscription.c.state == state)


def _bars(topic: str) -> ColumnElement[bool]:
    return and_(exclusion.c.address == contact.c.address, exclusion.c.scope.in_((EVERYTHING, topic)))
