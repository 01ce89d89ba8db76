"""Who has refused the measure since the ledger was written: what has not left yet leaves without a pixel, with plain links.

The same answers decide when a ledger is written (`sending.starting`): here they are read once more.
"""

from sqlalchemy import ColumnElement, and_, exists, or_

from mailer.model.columns import table
from mailer.model.ledger import Delivery, Send
from mailer.model.people import Contact, TrackingConsent
from mailer.model.workspace import Tracking

send = table(Send)
contact = table(Contact)
delivery = table(Delivery)


def may_carry_one() -> ColumnElement[bool]:
    """A copy that was planned with a pixel may keep it: its person agrees, or it was tried before and repeats its bytes (I7)."""
    need_not_say = and_(
        contact.c.tracking == TrackingConsent.UNKNOWN.value, send.c.tracking != Tracking.CONSENTED.value
    )
    agrees = exists().where(
        contact.c.id == delivery.c.contact_id,
        send.c.id == delivery.c.send_id,
        or_(contact.c.tracking == TrackingConsent.GRANTED.value, need_not_say),
    )
    return or_(delivery.c.attempts > 0, agrees)
