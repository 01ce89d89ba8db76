"""Contacts of an import: staged in a temporary table, then compared and merged by statements over all of them.

An import only adds what nobody had said yet: an unsubscription stays, a refused consent stays, a filled field is not
emptied, and the source and date of an address stay the first ones (GDPR 5, 14).
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.exc import IntegrityError

from mailer.model.columns import Instant, table
from mailer.model.people import Consent, Contact, TrackingConsent
from mailer.store import journal, last_opens, mandates, moves, subscriptions
from mailer.store.contact_stage import TEXTS, Row, kept_topics, stage, staged
from mailer.store.engine import Tx, roomy
from mailer.store.upserts import Counts, Insert, insert_into

contact = table(Contact)
consent = table(Consent)
_UNKNOWN = TrackingConsent.UNKNOWN.value
_DENIED = TrackingConsent.DENIED.value
_CARRIED = ("address", *TEXTS, "organisation_id", "source", "registered_on", "tracking")
#: The number of no contact.
_NOBODY = 0
ErasedSince = Callable[[], Callable[[str], bool] | None]
_is_new = stage.c.changed.is_(None)


def merge(
    tx: Tx,
    rows: Iterable[Row],
    *,
    topics: Sequence[str],
    at: datetime,
    source: str,
    run_id: int | None,
    erased_since: ErasedSince | None = None,
) -> tuple[Counts, int]:
    """Write contacts, subscriptions and consents, one for each address; `source` is what the logs name.

    What changes is noted under the number of the import; without one nothing is written, only counted. Gives as well
    how many lines were of an address that an earlier line had. `erased_since` tells, once the lines are laid out, what
    knows an address that was erased meanwhile, or None.
    """
    with roomy(tx), staged(tx, rows, topics=len(topics)) as repeated:
        _recognise(tx)
        if run_id is not None:
            _leave_alone(tx, erased_since)
        _compare(tx, topics)
        if run_id is not None:
            _hold(tx)
        counts = _counts(tx)
        if run_id is not None:
            if counts.changed:
                _update(tx, run_id, at=at, source=source)
            if counts.new:
                _insert(tx, run_id, topics, counts.new, at=at, source=source)
            if topics:
                _subscribe(tx, run_id, topics, at=at, source=source)
    return counts, repeated


def _recognise(tx: Tx) -> None:
    """Tie staged lines to the contacts of their addresses."""
    same = and_(contact.c.address == stage.c.address, stage.c.contact_id.is_(None))
    tx.execute(stage.update().values(contact_id=contact.c.id).where(same))


def _leave_alone(tx: Tx, erased_since: ErasedSince | None) -> None:
    """On PostgreSQL people are erased, moved and merged while the lines are laid out: their address makes nobody new.

    Asked once the lines are tied to contacts: whoever goes later is held, or found to be gone (see `_hold`).
    """
    if tx.dialect.name != "postgresql":
        return
    unknown = stage.c.contact_id.is_(None)
    alone = stage.update().values(contact_id=_NOBODY, topics=0)
    tx.execute(alone.where(unknown, stage.c.address.in_(moves.former_addresses())))
    is_erased = erased_since() if erased_since else None
    if is_erased is not None:
        staged_addresses = tx.execute(select(stage.c.address).where(unknown)).scalars()
        gone = [address for address in staged_addresses if is_erased(address)]
        tx.execute(alone.where(stage.c.address.in_(gone)))


def _compare(tx: Tx, topics: Sequence[str], *, of: ColumnElement[bool] | None = None) -> None:
    """Whether a line changes something of its known contact, and which topics are new to them."""
    known = stage.c.contact_id.isnot(None) if of is None else of
    joins = [~subscriptions.has_state(stage.c.contact_id, topic) for topic in topics]
    tx.execute(stage.update().values(topics=kept_topics(joins)).where(known, stage.c.topics != 0))
    fills = select(contact.c.id).where(contact.c.id == stage.c.contact_id, _fills()).exists()
    tx.execute(stage.update().values(changed=or_(fills, stage.c.topics != 0)).where(known))


def _hold(tx: Tx) -> None:
    """On PostgreSQL nobody whom a line changes is erased or merged until the end; who was meanwhile is left alone."""
    if tx.dialect.name != "postgresql":
        return
    known = select(contact.c.id).join(stage, stage.c.contact_id == contact.c.id).where(stage.c.changed)
    held = known.with_for_update(read=True, key_share=True, of=contact).subquery()
    tx.execute(select(func.count()).select_from(held))
    is_gone = ~select(contact.c.id).where(contact.c.id == stage.c.contact_id).exists()
    tx.execute(stage.update().values(changed=False, topics=0).where(stage.c.changed, is_gone))


def _fills() -> ColumnElement[bool]:
    """A contact differs from what its staged line makes of it; both stand in the statement."""
    organisation_id = stage.c.organisation_id
    return or_(
        *(and_(stage.c[name] != "", stage.c[name] != contact.c[name]) for name in TEXTS),
        and_(organisation_id.isnot(None), contact.c.organisation_id.is_distinct_from(organisation_id)),
        and_(contact.c.source == "", stage.c.source != ""),
        and_(contact.c.registered_on.is_(None), stage.c.registered_on.isnot(None)),
        _answers(),
    )


def _answers() -> ColumnElement[bool]:
    """The line brings another answer about the measure; a refusal is never lifted."""
    return and_(
        stage.c.tracking != _UNKNOWN,
        contact.c.tracking != stage.c.tracking,
        contact.c.tracking != _DENIED,
    )


def _counts(tx: Tx) -> Counts:
    known = func.count(stage.c.contact_id)
    changed = func.count(case((stage.c.changed, 1)))
    total, seen, altered = tx.execute(select(func.count(), known, changed).select_from(stage)).one()
    return Counts(new=total - seen, changed=altered, unchanged=seen - altered)


def _update(tx: Tx, run_id: int, *, at: datetime, source: str) -> None:
    """Known contacts; their answers go to the log before they are written over."""
    same = contact.c.id == stage.c.contact_id
    changes = and_(same, stage.c.changed, _fills())
    journal.note_contacts(tx, run_id, changes)
    _log_consents(tx, select(stage.c.contact_id, stage.c.tracking).where(same, _answers()), at, source)
    values = {
        **{name: _given(name, stage.c[name] != "") for name in TEXTS},
        "organisation_id": func.coalesce(stage.c.organisation_id, contact.c.organisation_id),
        "source": _given("source", contact.c.source == ""),
        "registered_on": func.coalesce(contact.c.registered_on, stage.c.registered_on),
        "tracking": _given("tracking", _answers()),
        "updated_at": literal(at, Instant),
    }
    tx.execute(contact.update().values(values).where(changes))
    journal.note_left_functions(tx, run_id)
    mandates.withdraw_left(tx)
    last_opens.forget_unwilling(tx)


def _given(name: str, when: ColumnElement[bool]) -> ColumnElement[Any]:
    return case((when, stage.c[name]), else_=contact.c[name])


def _insert(tx: Tx, run_id: int, topics: Sequence[str], count: int, *, at: datetime, source: str) -> None:
    """New contacts, in the order of the file."""
    answer = case((stage.c.tracking != _UNKNOWN, stage.c.tracking))
    constants = {
        "imported_by": literal(run_id),
        "imported_answer": answer,
        "language": literal("fr"),
        "attributes": literal({}, contact.c.attributes.type),
        "created_at": literal(at, Instant),
        "updated_at": literal(at, Instant),
    }
    rows = select(*(stage.c[name] for name in _CARRIED), *constants.values())
    rows = rows.where(_is_new).order_by(stage.c.line)
    into = insert_into(tx, contact).from_select([*_CARRIED, *constants], rows)
    if _insert_ours(tx, into) < count:
        _yield_to_others(tx, run_id, topics)
        _update(tx, run_id, at=at, source=source)
    journal.note_new(tx, run_id)


def _insert_ours(tx: Tx, into: Insert) -> int:
    """How many contacts the statement inserts.

    On PostgreSQL another import may bring an address meanwhile. To ask for that with each row costs a third more, so it
    is asked only after it has happened.
    """
    inserted = _unless_taken(tx, into)
    return _count(tx, into.on_conflict_do_nothing()) if inserted is None else inserted


def _unless_taken(tx: Tx, into: Insert) -> int | None:
    """How many rows were inserted; None, and nothing is written, where somebody was faster with one of them."""
    try:
        with tx.begin_nested():
            return _count(tx, into)
    except IntegrityError:
        return None


def _count(tx: Tx, into: Insert) -> int:
    return tx.execute(into, execution_options={"preserve_rowcount": True}).rowcount


def _yield_to_others(tx: Tx, run_id: int, topics: Sequence[str]) -> None:
    """Contacts that another import has brought meanwhile are not ours: they keep what it says, and are known ones now."""
    _recognise(tx)
    ours = select(contact.c.id).where(contact.c.id == stage.c.contact_id, contact.c.imported_by == run_id)
    _compare(tx, topics, of=and_(_is_new, ~ours.exists()))


def _subscribe(tx: Tx, run_id: int, topics: Sequence[str], *, at: datetime, source: str) -> None:
    """Each person to the topics that the file asks for and nothing was said of."""
    if tx.execute(select(stage.c.line).where(stage.c.topics != 0).limit(1)).first() is None:
        return
    _subscribe_known(tx, run_id, topics, at=at, source=source)
    # A line that was new is not tied to its contact: to write a million numbers into it costs more than to find them once.
    made = _joining(topics, contact.c.id).join(contact, contact.c.address == stage.c.address)
    people = made.where(_is_new, contact.c.imported_by == run_id)
    subscriptions.join_new(tx, people, at=at, run_id=run_id)
    subscriptions.tell_joined(tx, people, at=at)


def _subscribe_known(tx: Tx, run_id: int, topics: Sequence[str], *, at: datetime, source: str) -> None:
    people = _joining(topics, stage.c.contact_id).where(~_is_new)
    wanted = tx.execute(select(func.count()).select_from(people.subquery())).scalar_one()
    if not wanted:
        return
    if subscriptions.join(tx, people, at=at) < wanted:
        # Somebody has decided meanwhile: their word stands, and is not logged as ours.
        ours = [subscriptions.has_joined(stage.c.contact_id, topic, at=at) for topic in topics]
        tx.execute(stage.update().values(topics=kept_topics(ours)).where(~_is_new, stage.c.topics != 0))
    journal.note_subscriptions(tx, run_id, people)
    subscriptions.log_joins(tx, people, at=at, source=source)
    subscriptions.tell_joined(tx, people, at=at)


def _joining(topics: Sequence[str], contact_id: ColumnElement[int]) -> Select[Any]:
    """Contact, topic and evidence of each subscription to be."""
    each = (
        select(literal(1 << place).label("bit"), literal(topic).label("topic"))
        for place, topic in enumerate(topics)
    )
    chosen = union_all(*each).subquery("chosen")
    asks = stage.c.topics.bitwise_and(chosen.c.bit) != 0
    return select(contact_id, chosen.c.topic, stage.c.source).select_from(stage).join(chosen, asks)


def _log_consents(tx: Tx, answers: Select[Any], at: datetime, source: str) -> None:
    rows = answers.add_columns(literal(at, Instant), literal(source), literal(""))
    tx.execute(consent.insert().from_select(["contact_id", "state", "at", "source", "wording"], rows))
