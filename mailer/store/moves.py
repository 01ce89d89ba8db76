"""Former addresses: a changed address is a move, not a new person.

The former address keeps its exclusions, and a file that still knows it speaks of the person it belongs to. What the
person said (an unsubscription, a complaint, an exclusion by hand) holds for every address of theirs; a dead mailbox is
of one address only. Letters in a mailbox of before still lead to the person: their links are of their delivery.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.exc import IntegrityError

from mailer.errors import ConflictError
from mailer.model.columns import table
from mailer.model.imports import AddressMove
from mailer.model.ledger import Delivery, DeliveryState, Send, SendState
from mailer.model.people import Contact, Exclusion, ExclusionReason
from mailer.store import copies, exclusion_journal, exclusions
from mailer.store.engine import Tx
from mailer.store.exclusion_journal import OTHER_ADDRESS
from mailer.store.upserts import insert_into

contact = table(Contact)
delivery = table(Delivery)
exclusion = table(Exclusion)
move = table(AddressMove)
send = table(Send)
#: What a person, or somebody for them, has said: it goes with them.
REFUSALS = (ExclusionReason.UNSUBSCRIBED, ExclusionReason.COMPLAINT, ExclusionReason.BY_HAND)
_HELD = (DeliveryState.CLAIMED.value, DeliveryState.POSTING.value)
_GOING_ON = (SendState.SENDING.value, SendState.PAUSED.value, SendState.SETTLING.value)


def present_addresses(tx: Tx) -> dict[str, str]:
    """Former address -> the present one of the same person; an address that is a contact's today is nobody's former."""
    rows = tx.execute(
        select(move.c.address, contact.c.address.label("present"))
        .join(contact, contact.c.id == move.c.contact_id)
        .where(_is_free())
    )
    return {row.address: row.present for row in rows}


def former_addresses() -> Select[tuple[str]]:
    """Every address that somebody had and no contact has today."""
    return select(move.c.address).where(_is_free())


def person_of(tx: Tx, address: str) -> int | None:
    """The contact to whom a former address belongs."""
    found = select(move.c.contact_id).where(move.c.address == address, _is_free())
    return tx.execute(found).scalar_one_or_none()


def owner(tx: Tx, copy: Delivery) -> int:
    """The contact whose copy it is, also where two of one person were merged since; a number of nobody once erased."""
    if copy.contact_id > 0:
        return copy.contact_id
    return person_of(tx, copy.address) or copy.contact_id


def former(tx: Tx, contact_id: int) -> list[str]:
    """The former addresses of a person; one that somebody else has today is theirs alone."""
    found = select(move.c.address).where(move.c.contact_id == contact_id, _is_free())
    return list(tx.execute(found.order_by(move.c.at, move.c.address)).scalars())


def record(tx: Tx, *, address: str, contact_id: int, at: datetime, by: str) -> None:
    """From now on the address is a former one of this person."""
    values = {"contact_id": contact_id, "at": at, "by": by}
    statement = insert_into(tx, move).values(address=address, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["address"], set_=values))


def take(tx: Tx, address: str) -> None:
    """The address is a contact's from now on, and nobody's former one any more."""
    tx.execute(move.delete().where(move.c.address == address))


def forget_person(tx: Tx, contact_id: int) -> None:
    tx.execute(move.delete().where(move.c.contact_id == contact_id))


def is_leaving(tx: Tx, contact_ids: Sequence[int]) -> bool:
    """A copy is in a sender's hands, or was, and is tried again: its bytes must stay as they are.

    On PostgreSQL what is still to leave for these people is locked: no sender claims it before the commit.
    """
    open_states = (DeliveryState.PLANNED.value, DeliveryState.IN_DOUBT.value, *_HELD)
    found = select(delivery.c.state, delivery.c.attempts).where(
        copies.of_contacts(contact_ids), delivery.c.state.in_(open_states)
    )
    rows = tx.execute(found.order_by(delivery.c.id).with_for_update()).all()
    planned = DeliveryState.PLANNED.value
    return any(row.state in _HELD or (row.state == planned and row.attempts > 0) for row in rows)


def is_in_doubt(tx: Tx, contact_ids: Sequence[int]) -> bool:
    """A copy may have arrived or not, and its send may still hand it over again, with the same bytes.

    To be asked after `is_leaving`, which locks these copies too.
    """
    going_on = delivery.c.send_id.in_(select(send.c.id).where(send.c.state.in_(_GOING_ON)))
    doubtful = delivery.c.state == DeliveryState.IN_DOUBT.value
    found = select(delivery.c.id).where(going_on, delivery.c.contact_id.in_(contact_ids), doubtful)
    return tx.execute(found.limit(1)).first() is not None


def is_crowded(tx: Tx, contact_ids: Sequence[int], address: str) -> bool:
    """A copy that is still to leave for these people belongs to a send that has one at this address for another."""
    waiting = select(delivery.c.send_id).where(
        copies.of_contacts(contact_ids), delivery.c.state == DeliveryState.PLANNED.value
    )
    others = (delivery.c.address == address, delivery.c.contact_id.not_in(contact_ids))
    found = select(delivery.c.id).where(*others, delivery.c.send_id.in_(waiting))
    return tx.execute(found.limit(1)).first() is not None


def change(tx: Tx, contact_id: int, *, old: str, new: str, at: datetime, by: str) -> None:
    """Move a person; whoever calls has locked them and made sure that nobody has the new address.

    Raises ConflictError where somebody was given it meanwhile.
    """
    if person_of(tx, new) == contact_id:
        _forget_lifted(tx, former=new, present=old)
    try:
        tx.execute(contact.update().where(contact.c.id == contact_id).values(address=new, updated_at=at))
    except IntegrityError as error:
        raise ConflictError(
            "Somebody has just given this address to another contact: nothing was changed. If it is the same person, "
            "merge the two."
        ) from error
    record(tx, address=old, contact_id=contact_id, at=at, by=by)
    take(tx, new)
    carry_refusals(tx, source=old, to=new, at=at)
    waiting = and_(copies.of_contacts([contact_id]), delivery.c.state == DeliveryState.PLANNED.value)
    tx.execute(delivery.update().where(waiting).values(address=new))


def follow(tx: Tx, address: str, *, scope: str, reason: str, at: datetime) -> None:
    """What was just said at a former address holds for the person's present one, if it is a word of theirs.

    That alone: from what was said there before they may have come back since, on the page of a later letter.
    """
    person = person_of(tx, address) if reason in REFUSALS else None
    present = None if person is None else exclusions.lock_person(tx, person)
    if present is not None and present != address:
        run_id = exclusion_journal.runs_of(tx, address).get((scope, reason))
        exclusions.add(
            tx, address=present, scope=scope, reason=reason, at=at, source=OTHER_ADDRESS, run_id=run_id
        )


def _forget_lifted(tx: Tx, *, former: str, present: str) -> None:
    """The person goes back to a former address: what they have left there and come back to since is left no more."""
    since = exclusions.unsubscribed_scopes(tx, present)
    own = (exclusion.c.address == former, exclusion.c.reason == ExclusionReason.UNSUBSCRIBED.value)
    tx.execute(exclusion.delete().where(*own, exclusion.c.scope.not_in(since)))


def carry_refusals(tx: Tx, *, source: str, to: str, at: datetime) -> None:
    """What was said at one address holds for the other; what an import alone asks for, it alone asks for there, too."""
    runs = exclusion_journal.runs_of(tx, source)  # before the exclusions: an undo beside this one ends first
    said = select(exclusion.c.scope, exclusion.c.reason).where(
        exclusion.c.address == source, exclusion.c.reason.in_([each.value for each in REFUSALS])
    )
    for scope, reason in tx.execute(said).all():
        run_id = runs.get((scope, reason))
        exclusions.add(tx, address=to, scope=scope, reason=reason, at=at, source=OTHER_ADDRESS, run_id=run_id)


def _is_free() -> ColumnElement[bool]:
    """No contact has the former address today."""
    return move.c.address.not_in(select(contact.c.address))
