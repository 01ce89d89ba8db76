"""Everything that is stored about one person: to show it, to give it to them, to erase it (rules L8).

Erasing keeps counts: deliveries, openings and clicks stay as numbers, with nothing that names anybody.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, func, or_, select

from mailer.model.columns import table
from mailer.model.events import Click, Event, LastOpen, Opening
from mailer.model.ledger import Attempt, Delivery, DeliveryState, Send
from mailer.model.outgoing import Happening
from mailer.model.people import (
    EVERYTHING,
    Consent,
    Contact,
    Exclusion,
    ExclusionReason,
    Membership,
    Organisation,
    SignupRequest,
    Subscription,
    SubscriptionChange,
)
from mailer.store import exclusion_journal, journal, last_opens, mandates, moves, outbox, signups
from mailer.store.engine import Tx
from mailer.store.upserts import insert_new

contact = table(Contact)
organisation = table(Organisation)
membership = table(Membership)
subscription = table(Subscription)
change = table(SubscriptionChange)
consent = table(Consent)
exclusion = table(Exclusion)
delivery = table(Delivery)
send = table(Send)
opening = table(Opening)
last_open = table(LastOpen)
click = table(Click)
event = table(Event)
signup = table(SignupRequest)
attempt = table(Attempt)
_body_name = func.lower(func.coalesce(organisation.c.name, ""))


def find(tx: Tx, address: str) -> dict[str, Any] | None:
    """All that is known of an address, for people and as JSON; None where nothing is.

    An excluded address without a contact is known as well: it has its exclusions only.
    """
    person = tx.execute(select(contact).where(contact.c.address == address)).first()
    known = addresses_of(tx, address)
    excluded = _rows(tx, exclusion, exclusion.c.address.in_(known), hidden=("id",))
    letters = _letters(tx, known)
    asked = _rows(tx, signup, signup.c.address == address, hidden=("id", "key", "address"))
    if person is None and not excluded and not letters and not asked:
        return None
    found: dict[str, Any] = {"address": address, "contact": None, "organisation": None}
    if person is not None:
        own = person.id
        found["contact"] = _shown(person._mapping, hidden=("id", "organisation_id"))
        found["organisation"] = _organisation(tx, person.organisation_id)
        found["former_addresses"] = known[:-1]
        found["subscriptions"] = _rows(tx, subscription, subscription.c.contact_id == own)
        found["subscription_changes"] = _rows(tx, change, change.c.contact_id == own)
        found["last_open_on"] = last_opens.find(tx, own)
        found["functions"] = _functions(tx, own)
        found["consents"] = _rows(tx, consent, consent.c.contact_id == own)
    return found | {"exclusions": excluded, "letters": letters, "signup_requests": asked}


def erase(tx: Tx, address: str, *, digest: Callable[[str], str], at: datetime, source: str) -> bool:
    """Remove the person everywhere, also at former addresses; the digests stay excluded. Whether anything was known.

    An address that another contact has today is that contact's: of it only the letters to the erased person go.
    """
    own = tx.execute(select(contact.c.id).where(contact.c.address == address).with_for_update()).scalar()
    theirs = own_addresses(tx, address)
    removed = sum(_forget_address(tx, each) for each in theirs)
    if own is not None:
        journal.forget_person(tx, own)
        moves.forget_person(tx, own)
        mandates.forget_person(tx, own)
        for each in (subscription, change, consent, last_open):
            tx.execute(each.delete().where(each.c.contact_id == own))
        tx.execute(contact.delete().where(contact.c.id == own))
        outbox.tell(tx, Happening.ERASED, {"contact_id": own}, at=at)
    written = sum(_forget_letters(tx, delivery.c.address == each, digest(each), at) for each in theirs)
    if own is not None:
        written += _forget_letters_elsewhere(tx, own, digest, at)
    values = {"scope": EVERYTHING, "reason": ExclusionReason.ERASED.value, "at": at, "source": source}
    new = [insert_new(tx, exclusion, {"address": digest(each), **values}) for each in theirs]
    return new[-1] and bool(own is not None or removed or written)


def _forget_address(tx: Tx, address: str) -> int:
    exclusion_journal.forget_person(tx, address)
    removed = tx.execute(exclusion.delete().where(exclusion.c.address == address)).rowcount
    return removed + signups.forget(tx, [address])


def addresses_of(tx: Tx, address: str) -> list[str]:
    """Every address of the person, the former ones first; of nobody's address that one alone."""
    own = tx.execute(select(contact.c.id).where(contact.c.address == address)).scalar()
    return [address] if own is None else [*moves.former(tx, own), address]


def own_addresses(tx: Tx, address: str) -> list[str]:
    """Their addresses, the present one last, without the former ones that another contact has today."""
    known = addresses_of(tx, address)
    taken = set(tx.execute(select(contact.c.address).where(contact.c.address.in_(known[:-1]))).scalars())
    return [each for each in known if each not in taken]


def is_being_sent(tx: Tx, address: str) -> bool:
    """Whether a sender holds a copy for this person, at whatever address of theirs, at this moment."""
    states = (DeliveryState.CLAIMED.value, DeliveryState.POSTING.value)
    theirs = delivery.c.address.in_(own_addresses(tx, address))
    found = select(delivery.c.id).where(theirs, delivery.c.state.in_(states))
    return tx.execute(found.limit(1)).first() is not None


def search(tx: Tx, words: str, *, limit: int, first: int = 0) -> list[Row[Any]]:
    """Contacts by a part of their name, address or organisation, in the order of names, from the given place on."""
    name = func.lower(contact.c.first_name + " " + contact.c.last_name)
    joined = contact.outerjoin(organisation, organisation.c.id == contact.c.organisation_id)
    columns = (contact.c.address, contact.c.first_name, contact.c.last_name, organisation.c.name)
    said = words.lower()
    holds = (each.contains(said, autoescape=True) for each in (name, contact.c.address, _body_name))
    found = select(*columns).select_from(joined).where(or_(*holds))
    ordered = found.order_by(contact.c.last_name, contact.c.first_name, contact.c.id)
    return list(tx.execute(ordered.limit(limit).offset(first)))


def _forget_letters_elsewhere(tx: Tx, own: int, digest: Callable[[str], str], at: datetime) -> int:
    """What they got at addresses that are not, or no longer, noted as theirs."""
    mine = and_(delivery.c.send_id.in_(select(send.c.id)), delivery.c.contact_id == own)
    held = tx.execute(select(delivery.c.address).where(mine).distinct()).scalars().all()
    return sum(_forget_letters(tx, and_(mine, delivery.c.address == each), digest(each), at) for each in held)


def _forget_letters(tx: Tx, which: ColumnElement[bool], digest: str, at: datetime) -> int:
    """The ledger keeps its rows for the counts; whatever names the person goes, also from reports of providers.

    The contact's number goes with it: the database may give it to somebody else one day.
    """
    mine = select(delivery.c.id).where(which)
    for measured in (click, opening):
        tx.execute(measured.delete().where(measured.c.delivery_id.in_(mine)))
    tx.execute(event.update().where(event.c.delivery_id.in_(mine)).values(detail=""))
    tx.execute(attempt.update().where(attempt.c.delivery_id.in_(mine)).values(evidence=""))
    planned = and_(which, delivery.c.state == DeliveryState.PLANNED.value)
    left_out = {"state": DeliveryState.EXCLUDED.value, "reason": ExclusionReason.ERASED.value}
    tx.execute(delivery.update().where(planned).values(**left_out, concluded_at=at))
    gone = delivery.update().where(which)
    nobody = {"address": digest, "contact_id": -delivery.c.id, "merge": {}, "request_hash": ""}
    return tx.execute(gone.values(**nobody)).rowcount


def _organisation(tx: Tx, organisation_id: int | None) -> dict[str, Any] | None:
    row = tx.execute(select(organisation).where(organisation.c.id == organisation_id)).first()
    if row is None:
        return None
    periods = _rows(tx, membership, membership.c.organisation_id == row.id, hidden=("id", "organisation_id"))
    return {"name": row.name, "siren": row.siren, "kind": row.kind, "memberships": periods}


def _functions(tx: Tx, own: int) -> list[dict[str, Any]]:
    """What they held or took over; never who the other one is: that is somebody else's."""
    return [
        {
            "function": row.job,
            "organisation": row.organisation,
            "until_on": row.until_on,
            "part": "held" if row.contact_id == own else "took over",
            "ended_at": row.ended_at,
        }
        for row in mandates.of_contact(tx, own)
    ]


def _letters(tx: Tx, addresses: Sequence[str]) -> list[dict[str, Any]]:
    """The copies of the ledger, the latest first, with what was measured of them."""
    columns = (delivery.c.state, delivery.c.outcome, delivery.c.reason, delivery.c.concluded_at.label("at"))
    joined = delivery.join(send, send.c.id == delivery.c.send_id).outerjoin(
        opening, opening.c.delivery_id == delivery.c.id
    )
    found = select(
        send.c.campaign, send.c.issue, *columns, opening.c.first_on.label("first_opened_on")
    ).select_from(joined)
    rows = tx.execute(found.where(delivery.c.address.in_(addresses)).order_by(delivery.c.id.desc()))
    return [dict(row._mapping) for row in rows]


def _rows(
    tx: Tx, of: Table, condition: Any, *, hidden: tuple[str, ...] = ("id", "contact_id")
) -> list[dict[str, Any]]:
    rows = tx.execute(select(of).where(condition).order_by(of.c.id))
    return [_shown(row._mapping, hidden=hidden) for row in rows]


def _shown(values: Mapping[Any, Any], *, hidden: tuple[str, ...]) -> dict[str, Any]:
    return {str(name): value for name, value in values.items() if name not in hidden}
