"""Who holds a copy of an issue, or may hold one: whom an erratum of it is for, and who sends one."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from mailer.model.columns import table
from mailer.model.ledger import Delivery, DeliveryState, Send, SendState, Snapshot
from mailer.store.engine import Tx
from mailer.store.rows import first

send = table(Send)
snapshot = table(Snapshot)
delivery = table(Delivery)

#: The provider has it, or may have it.
_HELD = (DeliveryState.ACCEPTED.value, DeliveryState.POSTING.value, DeliveryState.IN_DOUBT.value)
_COMING = (DeliveryState.PLANNED.value, DeliveryState.CLAIMED.value)
#: Also a settling send hands over what a look-up found absent.
_RUNNING = (SendState.STARTING.value, SendState.SENDING.value, SendState.SETTLING.value)


def holders(campaign: str, issue: str) -> Select[tuple[int]]:
    """Contact ids of whoever has a copy of this issue, may have one, or gets one presently; of all its sends."""
    return (
        select(delivery.c.contact_id)
        .join(send, send.c.id == delivery.c.send_id)
        .where(send.c.campaign == campaign, send.c.issue == issue, _is_held())
    )


def count_holders(tx: Tx, campaign: str, issue: str) -> int:
    """How many people that is, those included whom we know no more."""
    found = holders(campaign, issue).distinct().subquery()
    return int(tx.execute(select(func.count()).select_from(found)).scalar_one())


def had_two_subjects(tx: Tx, campaign: str, issue: str) -> bool:
    """Whether somebody may have a copy of this issue under its second subject."""
    return tx.execute(_seconds(campaign, issue).limit(1)).first() is not None


def with_second_subject(tx: Tx, campaign: str, issue: str) -> set[int]:
    """Contact ids of whoever has a copy of this issue under its second subject, or may have one."""
    return {row.contact_id for row in tx.execute(_seconds(campaign, issue))}


def _seconds(campaign: str, issue: str) -> Select[tuple[int]]:
    return holders(campaign, issue).where(delivery.c.second_subject)


def in_any_send() -> ColumnElement[bool]:
    """True of each copy; said so that the indexes of the sends answer, for the ledger has none of people or states alone."""
    return delivery.c.send_id.in_(select(send.c.id))


def of_contacts(contact_ids: Sequence[int]) -> ColumnElement[bool]:
    """The copies of these people, whatever the send."""
    return and_(in_any_send(), delivery.c.contact_id.in_(contact_ids))


def were_for_members(tx: Tx, campaign: str, issue: str) -> bool:
    """Whether a send of this issue was for members only."""
    closed = select(send.c.id).where(send.c.campaign == campaign, send.c.issue == issue, send.c.members_only)
    return tx.execute(closed.limit(1)).first() is not None


def erratum_of(tx: Tx, *, campaign: str, issue: str, states: Iterable[SendState]) -> Send | None:
    """The latest send of an erratum of this issue that is in one of these states."""
    found = (
        select(send)
        .join(snapshot, snapshot.c.id == send.c.snapshot_id)
        .where(snapshot.c.campaign == campaign, snapshot.c.erratum_of == issue)
        .where(send.c.state.in_([each.value for each in states]))
    )
    return first(tx, Send, found.order_by(send.c.id.desc()).limit(1))


def _is_held() -> ColumnElement[bool]:
    """A doubt once had counts even where it was settled since, but for a look-up that found the copy absent."""
    return or_(
        delivery.c.state.in_(_HELD),
        delivery.c.in_doubt_since.isnot(None),
        and_(delivery.c.state.in_(_COMING), send.c.state.in_(_RUNNING)),
    )
