"""Who may be asked for the consent to be measured: whoever has not answered, and was not asked lately (rules P15).

The ledger is the record of who was asked: a copy of an asking letter that the provider has, or may have.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select

from mailer.model.columns import table
from mailer.model.ledger import Delivery, DeliveryState, Send
from mailer.model.people import Contact, TrackingConsent

contact = table(Contact)
#: Six months, whichever they are.
REST = timedelta(days=184)
ANSWERED = "has_answered"
LATELY = "asked_lately"
_HELD = (DeliveryState.ACCEPTED.value, DeliveryState.POSTING.value, DeliveryState.IN_DOUBT.value)


def since(day: date) -> datetime:
    """Whoever was asked after this instant rests on that day."""
    return datetime.combine(day, time(), UTC) - REST


def has_answered() -> ColumnElement[bool]:
    """The contact has said yes or no, on whatever page."""
    return contact.c.tracking != TrackingConsent.UNKNOWN.value


def was_asked(
    person: ColumnElement[int], after: Any, *, but: ColumnElement[int] | None = None
) -> ColumnElement[bool]:
    """An asking send gave the person a copy after the instant; `but`: the number of the send that asks now.

    Found through the few asking sends, each of which has an index
    of its people.
    """
    copy, asking = table(Delivery).alias("asked_copy"), table(Send).alias("asking_send")
    found = select(copy.c.id).join(asking, asking.c.id == copy.c.send_id).where(
        asking.c.asks_consent,
        copy.c.contact_id == person,
        # Each by itself: a statement for many rows at once takes no list.
        or_(*(copy.c.state == state for state in _HELD), copy.c.in_doubt_since.isnot(None)),
        copy.c.first_attempt_at > after,
    )  # fmt: skip
    if but is not None:
        found = found.where(asking.c.id != but)
    return exists(found)
