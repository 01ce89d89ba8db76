"""Everything that is stored about one person: to show it, to give it to them, to erase it (rules L8).

Erasing keeps counts: deliveries, openings and clicks stay as numbers, with nothing that names anybody.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Subquery, Table, and_, case, exists, func, or_, select

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
from mailer.store import (
    accounts,
    acts,
    consents,
    copies,
    exclusion_journal,
    journal,
    last_opens,
    mandates,
    moves,
    outbox,
    proofs,
    signups,
    subscriptions,
)
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
#: What a contact or a subscription proves itself: its logs say it.
_PROOFS = ("imported_by", "imported_answer", "evidence")
#: The number of no contact.
_NOBODY = 0
_body_name = func.lower(func.coalesce(organisation.c.name, ""))


def find(tx: Tx, address: str) -> dict[str, Any] | None:
    """All that is known of an address, for people and as JSON; None where nothing is.

    An excluded address without a contact is known as well: it has its exclusions only. A former address is that of its
    person, whose present one is told.
    """
    known = addresses_of(tx, address)
    address = known[-1]
    person = tx.execute(select(contact).where(contact.c.address == address)).first()
    excluded = _rows(tx, exclusion, exclusion.c.address.in_(known), hidden=("id",))
    letters = _letters(tx, known, person.id if person else _NOBODY)
    asked = _rows(tx, signup, signup.c.address.in_(known), hidden=("id", "key", "address"))
    proofs_read = _proofs(tx, known)
    if person is None and not (excluded or letters or asked or proofs_read):
        return None
    found: dict[str, Any] = {"address": address, "contact": None, "organisation": None}
    if person is not None:
        own = person.id
        found["contact"] = _shown(person._mapping, hidden=("id", "organisation_id", *_PROOFS))
        found["organisation"] = _organisation(tx, person.organisation_id)
        found["former_addresses"] = known[:-1]
        hidden = ("id", "contact_id", *_PROOFS)
        found["subscriptions"] = _rows(tx, subscription, subscription.c.contact_id == own, hidden=hidden)
        found["subscription_changes"] = _log(tx, subscriptions.log(), own)
        found["last_open_on"] = last_opens.find(tx, own)
        found["functions"] = _functions(tx, own)
        found["consents"] = _log(tx, consents.log(), own)
    return found | {
        "exclusions": excluded,
        "letters": letters,
        "signup_requests": asked,
        "proofs": proofs_read,
    }


def erase(tx: Tx, address: str, *, digest: Callable[[str], str], at: datetime, source: str) -> bool:
    """Remove the person everywhere, also at former addresses; the digests stay excluded. Whether anything was known.

    An address that another contact has today, or had before, is also that contact's: of it only what was sent to the
    erased person goes. A former address is that of its person.
    """
    present = contact.c.address == own_addresses(tx, address)[-1]
    own = tx.execute(select(contact.c.id).where(present).with_for_update()).scalar()
    theirs = own_addresses(tx, address)  # once nobody else can change them
    removed = sum(_forget_address(tx, each) for each in theirs)
    if own is not None:
        journal.forget_person(tx, own)
        moves.forget_person(tx, own)
        mandates.forget_person(tx, own)
        for each in (subscription, change, consent, last_open):
            tx.execute(each.delete().where(each.c.contact_id == own))
        tx.execute(contact.delete().where(contact.c.id == own))
        outbox.tell(tx, Happening.ERASED, {"contact_id": own}, at=at)
    mine = and_(copies.in_any_send(), ~_is_of_another(own or _NOBODY))
    written = sum(
        _forget_letters(tx, and_(delivery.c.address == each, mine), digest(each), at) for each in theirs
    )
    if own is not None:
        written += _forget_letters_elsewhere(tx, own, digest, at)
    removed += _forget_reader(tx, theirs, at)
    values = {"scope": EVERYTHING, "reason": ExclusionReason.ERASED.value, "at": at, "source": source}
    new = [insert_new(tx, exclusion, {"address": digest(each), **values}) for each in theirs]
    return new[-1] and bool(own is not None or removed or written)


def _proofs(tx: Tx, addresses: Sequence[str]) -> list[dict[str, Any]]:
    """What they were given to read before it left, by mail or by a link."""
    sent = [{"letter": each.object, "at": each.at} for each in acts.proofs_to(tx, addresses)]
    links = proofs.links_to(tx, addresses)
    return sent + [
        {"letter": f"{each.campaign}/{each.issue}", "link_made_at": each.made_at} for each in links
    ]


def _forget_reader(tx: Tx, addresses: Sequence[str], at: datetime) -> int:
    """What was read under an account of the desk stays with that account; how many proofs there were of others."""
    others = [each for each in addresses if accounts.find_user(tx, each) is None]
    found = len(_proofs(tx, others))
    acts.forget_reader(tx, others)
    proofs.forget_reader(tx, others, at=at)
    return found


def _forget_address(tx: Tx, address: str) -> int:
    exclusion_journal.forget_person(tx, address)
    removed = tx.execute(exclusion.delete().where(exclusion.c.address == address)).rowcount
    return removed + signups.forget(tx, [address])


def addresses_of(tx: Tx, address: str) -> list[str]:
    """Every address of the person, the former ones first, whichever is asked for; of nobody's address that one alone."""
    mine = or_(contact.c.address == address, contact.c.id == moves.person_of(tx, address))
    own = tx.execute(select(contact.c.id, contact.c.address).where(mine)).first()
    return [address] if own is None else [*moves.former(tx, own.id), own.address]


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
    mine = copies.of_contacts([own])
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
    # What was to be sent again may have arrived: it is still in doubt (R4).
    doubtful = delivery.c.in_doubt_since.isnot(None)
    left_out = case((doubtful, DeliveryState.IN_DOUBT.value), else_=DeliveryState.EXCLUDED.value)
    values = {"state": left_out, "reason": ExclusionReason.ERASED.value, "concluded_at": at}
    tx.execute(delivery.update().where(planned).values(values))
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


def _is_of_another(own: int) -> ColumnElement[bool]:
    """The copy went to a contact who is here and is not this one, at an address that this one has, or had, as well."""
    others = select(contact.c.id).where(contact.c.id == delivery.c.contact_id, contact.c.id != own)
    return exists(others)


def _letters(tx: Tx, addresses: Sequence[str], own: int) -> list[dict[str, Any]]:
    """The copies of the ledger that went to this person, the latest first, with what was measured of them."""
    there = _told(tx, and_(delivery.c.address.in_(addresses), ~_is_of_another(own)))
    elsewhere = _told(tx, and_(delivery.c.contact_id == own, delivery.c.address.not_in(addresses)))
    rows = sorted([*there, *elsewhere], key=lambda row: -row.number)
    return [{name: value for name, value in row._mapping.items() if name != "number"} for row in rows]


def _told(tx: Tx, which: ColumnElement[bool]) -> Sequence[Any]:
    columns = (delivery.c.state, delivery.c.outcome, delivery.c.reason, delivery.c.concluded_at.label("at"))
    joined = delivery.join(send, send.c.id == delivery.c.send_id).outerjoin(
        opening, opening.c.delivery_id == delivery.c.id
    )
    found = select(
        delivery.c.id.label("number"),
        send.c.campaign,
        send.c.issue,
        *columns,
        opening.c.first_on.label("first_opened_on"),
    ).select_from(joined)
    return tx.execute(found.where(copies.in_any_send(), which)).all()


def _rows(
    tx: Tx, of: Table, condition: Any, *, hidden: tuple[str, ...] = ("id", "contact_id")
) -> list[dict[str, Any]]:
    rows = tx.execute(select(of).where(condition).order_by(of.c.id))
    return [_shown(row._mapping, hidden=hidden) for row in rows]


def _log(tx: Tx, told: Subquery, contact_id: int) -> list[dict[str, Any]]:
    rows = tx.execute(select(told).where(told.c.contact_id == contact_id).order_by(told.c.at, told.c.id))
    return [_shown(row._mapping, hidden=("id", "contact_id")) for row in rows]


def _shown(values: Mapping[Any, Any], *, hidden: tuple[str, ...]) -> dict[str, Any]:
    return {str(name): value for name, value in values.items() if name not in hidden}
