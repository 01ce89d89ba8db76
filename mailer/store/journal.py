"""What an import changed, noted in its own transaction, so that it can be undone exactly.

Of a known contact its former values and new subscriptions are noted. A contact that the import made needs no note: its
number is in the range that the run keeps, and whatever it has came with the run, as its log says.

The present state goes back to what it was, but for the day of a last opening that a brought no has removed: no such day
outlives its yes, not even in a note (rules P9). The logs of subscriptions and consents are only ever added to: they say that
the import was undone. Of a contact that the import had made nothing is left.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, tuple_

from mailer.model.columns import Instant, table
from mailer.model.events import LastOpen
from mailer.model.ledger import Delivery
from mailer.model.people import (
    EVERYTHING,
    Consent,
    Contact,
    ImportedContact,
    ImportedSubscription,
    ImportRun,
    Mandate,
    Subscription,
    SubscriptionChange,
    SubscriptionState,
)
from mailer.store import last_opens, mandates
from mailer.store.engine import Tx
from mailer.store.upserts import insert_new

contact = table(Contact)
former = table(ImportedContact)
begun = table(ImportedSubscription)
import_run = table(ImportRun)
subscription = table(Subscription)
change = table(SubscriptionChange)
consent = table(Consent)
last_open = table(LastOpen)
mandate = table(Mandate)
delivery = table(Delivery)

#: The values that go back; the address never changes.
_RESTORED = (
    "first_name",
    "last_name",
    "job",
    "organisation_id",
    "source",
    "registered_on",
    "tracking",
    "updated_at",
)
_NOTED = ("run_id", "contact_id", *_RESTORED)
_NO_RANGE = {"first_contact_id": None, "last_contact_id": None}


def note_contacts(tx: Tx, run_id: int, which: ColumnElement[bool]) -> None:
    """Note the contacts of the condition as they are now, before they change."""
    rows = select(literal(run_id), contact.c.id, *(contact.c[name] for name in _RESTORED))
    tx.execute(former.insert().from_select(_NOTED, rows.where(which)))


def note_left_functions(tx: Tx, run_id: int) -> None:
    """Note the known ends of functions that noted contacts no longer have, before they go."""
    ends = {"function_until_on": mandate.c.until_on, "function_by": mandate.c.by}
    theirs = and_(former.c.run_id == run_id, mandate.c.contact_id == former.c.contact_id)
    tx.execute(former.update().values(ends).where(theirs, mandates.is_left()))


def note_new(tx: Tx, run_id: int) -> None:
    """Note between which numbers the contacts are that the import made."""
    made = select(func.min(contact.c.id), func.max(contact.c.id)).where(contact.c.imported_by == run_id)
    first, last = tx.execute(made).one()
    run = import_run.update().where(import_run.c.id == run_id)
    tx.execute(run.values(first_contact_id=first, last_contact_id=last))


def note_subscriptions(tx: Tx, run_id: int, people: Select[Any]) -> None:
    """Note which known contacts the import subscribes; `people` selects contact ids and topics."""
    contact_id, topic, *_ = people.selected_columns
    rows = people.with_only_columns(literal(run_id), contact_id, topic)
    tx.execute(begun.insert().from_select(["run_id", "contact_id", "topic"], rows))


def is_kept(tx: Tx, run_id: int) -> bool:
    """Whether anything is noted of this import."""
    held = (exists(select(each.c.run_id).where(each.c.run_id == run_id)) for each in (former, begun))
    return bool(tx.execute(select(or_(*held, _new(run_id).exists()))).scalar_one())


def changed_since(tx: Tx, run_id: int, *, at: datetime) -> int:
    """How many people of the import (of the instant `at`) are no longer as it left them."""
    imported_at = literal(at, Instant)
    touched = select(former.c.contact_id).where(
        former.c.run_id == run_id,
        ~exists().where(contact.c.id == former.c.contact_id, contact.c.updated_at == imported_at),
    )
    as_left = exists().where(
        subscription.c.contact_id == begun.c.contact_id,
        subscription.c.topic == begun.c.topic,
        subscription.c.state == SubscriptionState.SUBSCRIBED.value,
        subscription.c.at == imported_at,
    )
    moved = select(begun.c.contact_id).where(begun.c.run_id == run_id, ~as_left)
    new_touched = _new(run_id).where(contact.c.updated_at != imported_at)
    left = and_(subscription.c.state == SubscriptionState.SUBSCRIBED.value, subscription.c.at == imported_at)
    new_moved = select(subscription.c.contact_id).where(subscription.c.contact_id.in_(_new(run_id)), ~left)
    return _count(tx, touched.union(moved, new_touched, new_moved))


def written_to(tx: Tx, run_id: int) -> int:
    """How many people whom the import made or subscribed stand in the ledger: why must stay known."""
    people = _new(run_id).union(select(begun.c.contact_id).where(begun.c.run_id == run_id))
    known = select(delivery.c.contact_id).where(delivery.c.contact_id.in_(people)).distinct()
    return _count(tx, known)


def take_back(tx: Tx, run_id: int, *, at: datetime, source: str) -> None:
    """Undo the import; whoever calls has made sure that nothing stands on top of it."""
    _log(tx, run_id, at=at, source=source)
    pairs = select(begun.c.contact_id, begun.c.topic).where(begun.c.run_id == run_id)
    tx.execute(
        subscription.delete().where(tuple_(subscription.c.contact_id, subscription.c.topic).in_(pairs))
    )
    same = and_(former.c.run_id == run_id, contact.c.id == former.c.contact_id)
    tx.execute(contact.update().values({name: former.c[name] for name in _RESTORED}).where(same))
    mandates.withdraw_left(tx)
    _restore_functions(tx, run_id)
    last_opens.forget_unwilling(tx)
    for each in (subscription, change, consent, last_open):
        tx.execute(each.delete().where(each.c.contact_id.in_(_new(run_id))))
    tx.execute(contact.delete().where(contact.c.id.in_(_new(run_id))))
    for noted in (former, begun):
        tx.execute(noted.delete().where(noted.c.run_id == run_id))
    tx.execute(import_run.update().where(import_run.c.id == run_id).values(undone_at=at, **_NO_RANGE))


def forget(tx: Tx, *, before: datetime) -> None:
    """Drop what is noted of imports that are too old to be undone: former names are personal data."""
    old = select(import_run.c.id).where(import_run.c.at < before)
    for each in (former, begun):
        tx.execute(each.delete().where(each.c.run_id.in_(old)))
    ranges = and_(import_run.c.at < before, import_run.c.first_contact_id.isnot(None))
    tx.execute(import_run.update().where(ranges).values(**_NO_RANGE))


def stand_on(tx: Tx, kept: int, gone: int) -> None:
    """One contact becomes another's: what imports did to the one that goes is undone no longer under the one that stays."""
    of_gone = contact.c.id == gone
    made = import_run.c.first_contact_id.isnot(None) & (import_run.c.at == contact.c.created_at)
    within = contact.c.id.between(import_run.c.first_contact_id, import_run.c.last_contact_id)
    runs = select(import_run.c.id).join_from(import_run, contact, made & within).where(of_gone)
    noted = (select(each.c.run_id).where(each.c.contact_id == gone) for each in (former, begun))
    for run_id in sorted(set(tx.execute(runs.union(*noted)).scalars())):
        values = {"run_id": run_id, "contact_id": kept, "topic": EVERYTHING}
        insert_new(tx, begun, values)
    forget_person(tx, gone)


def forget_person(tx: Tx, contact_id: int) -> None:
    """Drop what is noted of one person."""
    for each in (former, begun):
        tx.execute(each.delete().where(each.c.contact_id == contact_id))


def _new(run_id: int) -> Select[Any]:
    """The contacts that the import made, by number. Others within the range came beside it, at another instant."""
    within = contact.c.id.between(import_run.c.first_contact_id, import_run.c.last_contact_id)
    own = (import_run.c.id == run_id, contact.c.created_at == import_run.c.at)
    return select(contact.c.id).join_from(contact, import_run, within).where(*own)


def _restore_functions(tx: Tx, run_id: int) -> None:
    """The known ends that went with the functions come back with them."""
    values = {
        "contact_id": former.c.contact_id,
        "organisation_id": former.c.organisation_id,
        "job": former.c.job,
        "until_on": former.c.function_until_on,
        "by": former.c.function_by,
    }
    known = (former.c.run_id == run_id, former.c.function_until_on.isnot(None))
    tx.execute(mandate.insert().from_select(list(values), select(*values.values()).where(*known)))


def _log(tx: Tx, run_id: int, *, at: datetime, source: str) -> None:
    """Of those who stay: their subscriptions are undone, their answer is the former one again."""
    constants = (literal(at, Instant), literal(source), literal(""))
    undone = select(begun.c.contact_id, begun.c.topic, literal(SubscriptionState.UNDONE.value), *constants)
    columns = ["contact_id", "topic", "state", "at", "source", "evidence"]
    tx.execute(change.insert().from_select(columns, undone.where(begun.c.run_id == run_id)))
    answers = select(former.c.contact_id, former.c.tracking, *constants).where(
        former.c.run_id == run_id,
        contact.c.id == former.c.contact_id,
        contact.c.tracking != former.c.tracking,
    )
    tx.execute(consent.insert().from_select(["contact_id", "state", "at", "source", "wording"], answers))


def _count(tx: Tx, people: Any) -> int:
    return int(tx.execute(select(func.count()).select_from(people.subquery())).scalar_one())
