"""The subscribers of a topic as a whole: counts only, no person is read."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import ColumnElement, and_, exists, func, select

from mailer.model.columns import table
from mailer.model.people import (
    EVERYTHING,
    Contact,
    Exclusion,
    ImportRun,
    Subscription,
    SubscriptionChange,
    SubscriptionState,
)
from mailer.store.engine import Tx

contact = table(Contact)
exclusion = table(Exclusion)
subscription = table(Subscription)
change = table(SubscriptionChange)
import_run = table(ImportRun)

_CAME = (SubscriptionState.SUBSCRIBED.value,)
#: What passes to a successor is an arrival of theirs: it is a departure of who had it.
_LEFT = (SubscriptionState.UNSUBSCRIBED.value, SubscriptionState.PASSED.value)
_SUBSCRIBERS = contact.join(subscription, subscription.c.contact_id == contact.c.id)


def consents(tx: Tx, topic: str) -> dict[str, int]:
    """Answer about the measure -> subscribers of the topic: their sum is all of them."""
    found = select(contact.c.tracking, func.count()).select_from(_SUBSCRIBERS).where(_subscribed(topic))
    return {answer: int(count) for answer, count in tx.execute(found.group_by(contact.c.tracking))}


def barred(tx: Tx, topic: str) -> int:
    """Subscribers who must not be written to, each once."""
    held = select(exclusion.c.address).where(_bars(topic))
    found = select(func.count()).where(contact.c.address.in_(held), _is_subscriber(contact.c.id, topic))
    return int(tx.execute(found).scalar_one())


def barred_by(tx: Tx, topic: str) -> dict[str, int]:
    """Reason -> subscribers with an exclusion of it, the most first."""
    # From the exclusions, which are few, to the people: the other way a million are looked up.
    held = select(exclusion.c.address, exclusion.c.reason).where(_bars(topic)).distinct().subquery()
    people = func.count()
    joined = held.join(contact, contact.c.address == held.c.address)
    found = select(held.c.reason, people).select_from(joined).where(_is_subscriber(contact.c.id, topic))
    rows = tx.execute(found.group_by(held.c.reason).order_by(people.desc(), held.c.reason))
    return {reason: int(count) for reason, count in rows}


def changes(tx: Tx, topic: str, bounds: Sequence[datetime]) -> list[tuple[int, int]]:
    """(subscribed, unsubscribed) between each two neighbours of `bounds`, from the log of changes.

    The log has an index of topics and instants: each of these counts reads its own part of it, and nothing else.
    """
    counts = [
        select(func.count())
        .select_from(change)
        .where(change.c.topic == topic, change.c.state.in_(states), change.c.at >= since, change.c.at < until)
        .scalar_subquery()
        for since, until in pairwise(bounds)
        for states in (_CAME, _LEFT)
    ]
    row = [int(count) for count in tx.execute(select(*counts)).one()]
    imported = _imported(tx, topic)
    came = [
        count + sum(many for at, many in imported if since <= at < until)
        for count, (since, until) in zip(row[::2], pairwise(bounds), strict=True)
    ]
    return list(zip(came, row[1::2], strict=True))


def _imported(tx: Tx, topic: str) -> list[tuple[datetime, int]]:
    """Instant of an import, and how many of the contacts that it made it subscribed: the log has no row of these."""
    begun = select(subscription.c.imported_by.label("run_id"), func.count().label("many"))
    begun = begun.where(subscription.c.topic == topic, subscription.c.imported_by.isnot(None))
    each = begun.group_by(subscription.c.imported_by).subquery("begun")
    rows = tx.execute(select(import_run.c.at, each.c.many).join(each, each.c.run_id == import_run.c.id))
    return [(row.at, int(row.many)) for row in rows]


def _is_subscriber(contact_id: ColumnElement[int], topic: str) -> ColumnElement[bool]:
    """The contact is a subscriber of the topic."""
    return exists().where(subscription.c.contact_id == contact_id, _subscribed(topic))


def _subscribed(topic: str) -> ColumnElement[bool]:
    state = SubscriptionState.SUBSCRIBED.value
    return and_(subscription.c.topic == topic, subscription.c.state == state)


def _bars(topic: str) -> ColumnElement[bool]:
    return exclusion.c.scope.in_((EVERYTHING, topic))
