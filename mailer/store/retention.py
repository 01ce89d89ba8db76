"""What has been kept long enough: counted for a person to look at, and removed at their word (rules L7, L9)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, or_, select, type_coerce

from mailer.model.columns import table
from mailer.model.events import Click, Verdict
from mailer.model.imports import AddressMove, ImportedExclusion, ImportedMembership, ImportedOrganisation
from mailer.model.ledger import Delivery, Send, SendState
from mailer.model.people import (
    BY_IMPORT,
    Consent,
    Contact,
    Exclusion,
    ImportedContact,
    ImportedSubscription,
    ImportRun,
    Membership,
    SignupRequest,
    Subscription,
    SubscriptionChange,
    SubscriptionState,
    TrackingConsent,
)
from mailer.store import exclusion_journal, exclusions, imports, last_opens, mandates, moves, persons
from mailer.store.engine import Tx
from mailer.store.upserts import insert_new

contact, exclusion, change, consent = (
    table(each) for each in (Contact, Exclusion, SubscriptionChange, Consent)
)
delivery, send, click, run = (table(each) for each in (Delivery, Send, Click, ImportRun))
signup, membership, subscription = (table(each) for each in (SignupRequest, Membership, Subscription))
#: Whatever an undo would put back goes with its import.
_NOTED = tuple(
    table(each)
    for each in (
        ImportedContact,
        ImportedSubscription,
        ImportedOrganisation,
        ImportedMembership,
        ImportedExclusion,
    )
)
move = table(AddressMove)
_BY_IMPORT = f"{BY_IMPORT}%"
#: Somebody else said so, too: what passes with a function is no sign of life.
_BY_SUCCESSION = f"{mandates.SOURCE}%"

Digest = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Before when something is old: people, what names somebody in old mail, and now."""

    people: datetime
    details: datetime
    asleep: datetime
    now: datetime
    today: date


# --- people who gave no sign of life ---------------------------------------------------------------


def inactive(tx: Tx, bounds: Bounds) -> list[str]:
    """Addresses of people of whom nothing was heard since then; an opening is no sign, a click or a choice is.

    A member's people stay: the membership itself is the reason to write to them. So does whoever refused the measure
    or left a topic themselves: once they were forgotten, the next file would bring them back without their refusal.
    """
    since = bounds.people
    own = contact.c.id
    chose = exists().where(
        change.c.contact_id == own,
        change.c.at >= since,
        change.c.source.not_like(_BY_IMPORT),
        change.c.source.not_like(_BY_SUCCESSION),
        change.c.source != last_opens.SOURCE,
    )
    answered = exists().where(
        consent.c.contact_id == own, consent.c.at >= since, consent.c.source.not_like(_BY_IMPORT)
    )
    clicked = exists().where(
        click.c.delivery_id == delivery.c.id,
        delivery.c.contact_id == own,
        click.c.first_on >= since.date(),
        click.c.verdict == Verdict.HUMAN.value,
    )
    left = exists().where(
        subscription.c.contact_id == own,
        subscription.c.state == SubscriptionState.UNSUBSCRIBED.value,
        ~last_opens.by_ourselves(),
    )
    old = and_(
        contact.c.created_at < since,
        contact.c.tracking != TrackingConsent.DENIED.value,
        or_(contact.c.registered_on.is_(None), contact.c.registered_on < since.date()),
    )
    found = select(contact.c.address).where(
        old, ~left, ~chose, ~answered, ~clicked, ~_is_members(bounds.today)
    )
    return list(tx.execute(found.order_by(contact.c.id)).scalars())


def _is_members(day: date) -> ColumnElement[bool]:
    held = (membership.c.from_on <= day, or_(membership.c.until_on.is_(None), membership.c.until_on >= day))
    return exists().where(membership.c.organisation_id == contact.c.organisation_id, *held)


def remove_inactive(tx: Tx, bounds: Bounds, digest: Digest) -> int:
    """Remove them; whoever must not be written to stays so, as a digest. Those with a copy on its way wait."""
    removed = 0
    for address in inactive(tx, bounds):
        if persons.is_being_sent(tx, address):
            continue
        theirs = persons.own_addresses(tx, address)
        barred = _barred(tx, theirs)
        persons.erase(tx, address, digest=digest, at=bounds.now, source="retention")
        # Who said nothing against us is welcome, should they sign up one day.
        welcome = [digest(each) for each in theirs if each not in barred]
        tx.execute(exclusion.delete().where(exclusion.c.address.in_(welcome)))
        removed += 1
    return removed


def _barred(tx: Tx, addresses: list[str]) -> set[str]:
    """Those that must not be written to: all, where the person refused at any; a dead mailbox is of one address only."""
    found = select(exclusion.c.address, exclusion.c.reason).where(exclusion.c.address.in_(addresses))
    rows = tx.execute(found).all()
    refused = any(row.reason in moves.REFUSALS for row in rows)
    return set(addresses) if refused else {row.address for row in rows}


# --- excluded addresses of people who are no longer here --------------------------------------------


def _lonely(bounds: Bounds) -> ColumnElement[bool]:
    known = exists().where(contact.c.address == exclusion.c.address)
    former = exists().where(move.c.address == exclusion.c.address)
    plain = exclusion.c.address.not_like(exclusions.FINGERPRINT)
    return and_(exclusion.c.at < bounds.people, plain, ~known, ~former)


def lonely_exclusions(tx: Tx, bounds: Bounds) -> int:
    found = select(func.count(func.distinct(exclusion.c.address))).where(_lonely(bounds))
    return int(tx.execute(found).scalar_one())


def hash_exclusions(tx: Tx, bounds: Bounds, digest: Digest) -> int:
    """Their addresses become digests: nobody reads them any more, and every import still recognises them (rules L6).

    What they are excluded from, and why, stays: whoever left comes back by their own wish, after a complaint nobody does.
    """
    found = list(tx.execute(select(exclusion.c.address).where(_lonely(bounds)).distinct()).scalars())
    for address in found:
        for row in tx.execute(select(exclusion).where(exclusion.c.address == address)).all():
            kept = {"address": digest(address), "scope": row.scope, "reason": row.reason, "at": row.at}
            insert_new(tx, exclusion, {**kept, "source": "retention"})
        exclusion_journal.forget_person(tx, address)
        tx.execute(exclusion.delete().where(exclusion.c.address == address))
    return len(found)


# --- names in old copies, old imports, requests that nobody confirmed -------------------------------


def _named(bounds: Bounds) -> ColumnElement[bool]:
    ended = select(send.c.id).where(
        send.c.state.in_((SendState.DONE.value, SendState.CANCELLED.value)), send.c.ended_at < bounds.details
    )
    return and_(delivery.c.send_id.in_(ended), func.length(_text(delivery.c.merge)) > 2)


def _text(column: ColumnElement[object]) -> ColumnElement[str]:
    """JSON as its own text: `{}` has two letters."""
    return cast(type_coerce(column, String), String)


def named_copies(tx: Tx, bounds: Bounds) -> int:
    return int(tx.execute(select(func.count()).select_from(delivery).where(_named(bounds))).scalar_one())


def forget_names(tx: Tx, bounds: Bounds, _digest: Digest) -> int:
    """The copies keep their counts and their links; the names that were merged into them go."""
    return tx.execute(delivery.update().where(_named(bounds)).values(merge={})).rowcount


def _told(bounds: Bounds) -> ColumnElement[bool]:
    return and_(run.c.at < bounds.details, run.c.file_name != imports.FORGOTTEN)


def old_imports(tx: Tx, bounds: Bounds) -> int:
    return int(tx.execute(select(func.count()).where(_told(bounds))).scalar_one())


def forget_imports(tx: Tx, bounds: Bounds, _digest: Digest) -> int:
    """The names and counts of old files; where each address comes from stays with its contact.

    Their days stay: subscriptions and answers that came with a contact are proven by the import that made it (rules P7).
    """
    old = select(run.c.id).where(_told(bounds))
    for noted in _NOTED:
        tx.execute(noted.delete().where(noted.c.run_id.in_(old)))
    nothing = {"file_name": imports.FORGOTTEN, "by": "", "counts": {}}
    return tx.execute(run.update().where(_told(bounds)).values(nothing)).rowcount


def _over(bounds: Bounds) -> ColumnElement[bool]:
    return and_(signup.c.confirmed_at.is_(None), signup.c.expires_at <= bounds.now)


def unconfirmed(tx: Tx, bounds: Bounds) -> int:
    return int(tx.execute(select(func.count()).where(_over(bounds))).scalar_one())


def forget_unconfirmed(tx: Tx, bounds: Bounds, _digest: Digest) -> int:
    return tx.execute(signup.delete().where(_over(bounds))).rowcount
