"""Contacts of an import: staged in a temporary table, then compared and merged by statements over all of them.

An import only adds what nobody had said yet: an unsubscription stays, a refused consent stays, a filled field is not
emptied, and the source and date of an address stay the first ones (GDPR 5, 14).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Date,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    and_,
    case,
    func,
    literal,
    or_,
    select,
)

from mailer.model.columns import Instant, table
from mailer.model.people import Consent, Contact, TrackingConsent
from mailer.store import journal, subscriptions
from mailer.store.engine import Tx
from mailer.store.upserts import Counts, insert_into, insert_tuples

contact = table(Contact)
consent = table(Consent)
_UNKNOWN = TrackingConsent.UNKNOWN.value
_DENIED = TrackingConsent.DENIED.value
#: Texts that a later import may replace by another text, never by an empty one.
_TEXTS = ("first_name", "last_name", "job")
_CARRIED = ("address", *_TEXTS, "organisation_id", "source", "registered_on", "tracking")

stage = Table(
    "contact_stage",
    MetaData(),
    Column("line", Integer, primary_key=True),
    Column("address", String, nullable=False),
    *(Column(name, String, nullable=False) for name in (*_TEXTS, "source", "tracking")),
    Column("organisation_id", Integer),
    Column("registered_on", Date),
    #: Bit n: the file says yes to the n-th topic.
    Column("topics", Integer, nullable=False),
    #: The contact of that address; NULL until it is there.
    Column("contact_id", Integer),
    #: Whether the line brings news about a known contact; NULL for a new one.
    Column("changed", Boolean),
    prefixes=["TEMPORARY"],
)
_is_new = stage.c.changed.is_(None)


class ContactLine(NamedTuple):
    """One person of an import. `topics` are those that the file says yes to; `tracking` a TrackingConsent."""

    address: str
    first_name: str
    last_name: str
    job: str
    siren: str | None
    source: str
    registered_on: date | None
    tracking: str
    topics: frozenset[str]


def merge(
    tx: Tx,
    lines: Sequence[ContactLine],
    *,
    topics: Sequence[str],
    organisation_ids: Mapping[str, int],
    at: datetime,
    source: str,
    run_id: int | None,
) -> Counts:
    """Write contacts, subscriptions and consents, one line per address; `source` is what the logs name.

    What changes is noted under the number of the import; without one nothing is written, only counted.
    """
    with _staged(tx, lines, topics, organisation_ids):
        _recognise(tx)
        tx.execute(stage.update().values(changed=_is_news(topics)).where(stage.c.contact_id.isnot(None)))
        counts = _counts(tx)
        if run_id is not None:
            _update(tx, run_id, at=at, source=source)
            _insert(tx, run_id, at=at, source=source)
            for place, topic in enumerate(topics):
                people = select(stage.c.contact_id, stage.c.source).where(_asked(place))
                journal.note_subscriptions(tx, run_id, people, topic=topic)
                subscriptions.join(tx, people, topic=topic, at=at, source=source)
    return counts


@contextmanager
def _staged(
    tx: Tx, lines: Sequence[ContactLine], topics: Sequence[str], organisation_ids: Mapping[str, int]
) -> Iterator[None]:
    stage.create(tx, checkfirst=False)
    insert_tuples(tx, stage, _rows(tx, lines, topics, organisation_ids))
    # Nothing looks after the statistics of a temporary table; without them PostgreSQL loops over it.
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql("ANALYZE contact_stage")
    yield
    # Not in a `finally`: after an error the caller's transaction is undone, and the table with it.
    stage.drop(tx, checkfirst=False)


def _rows(
    tx: Tx, lines: Sequence[ContactLine], topics: Sequence[str], organisation_ids: Mapping[str, int]
) -> Iterator[tuple[Any, ...]]:
    """What the stage's columns hold, in their order."""
    day_stored = stage.c.registered_on.type.dialect_impl(tx.dialect).bind_processor(tx.dialect) or _same
    for place, line in enumerate(lines, start=1):
        organisation_id = organisation_ids.get(line.siren) if line.siren else None
        asked = sum(1 << bit for bit, topic in enumerate(topics) if topic in line.topics)
        said = (line.address, line.first_name, line.last_name, line.job, line.source, line.tracking)
        yield (place, *said, organisation_id, day_stored(line.registered_on), asked, None, None)


def _same(value: date | None) -> date | None:
    return value


def _recognise(tx: Tx) -> None:
    """Tie staged lines to the contacts of their addresses."""
    known = select(contact.c.id).where(contact.c.address == stage.c.address).scalar_subquery()
    tx.execute(stage.update().values(contact_id=known).where(stage.c.contact_id.is_(None)))


def _is_news(topics: Sequence[str]) -> ColumnElement[bool]:
    """The line changes something of its known contact."""
    fills = select(contact.c.id).where(contact.c.id == stage.c.contact_id, _fills()).exists()
    joins = (
        and_(_asked(place), ~subscriptions.has_state(stage.c.contact_id, topic))
        for place, topic in enumerate(topics)
    )
    return or_(fills, *joins)


def _fills() -> ColumnElement[bool]:
    """A contact differs from what its staged line makes of it; both stand in the statement."""
    organisation_id = stage.c.organisation_id
    return or_(
        *(and_(stage.c[name] != "", stage.c[name] != contact.c[name]) for name in _TEXTS),
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


def _asked(place: int) -> ColumnElement[bool]:
    return stage.c.topics.bitwise_and(1 << place) != 0


def _counts(tx: Tx) -> Counts:
    known = func.count(stage.c.contact_id)
    changed = func.count(case((stage.c.changed, 1)))
    total, seen, altered = tx.execute(select(func.count(), known, changed).select_from(stage)).one()
    return Counts(new=total - seen, changed=altered, unchanged=seen - altered)


def _update(tx: Tx, run_id: int, *, at: datetime, source: str) -> None:
    """Known contacts; their answers go to the log before they are written over."""
    same = contact.c.id == stage.c.contact_id
    changes = and_(same, stage.c.changed, _fills())
    journal.note_contacts(tx, run_id, changes, is_new=False)
    _log_consents(tx, select(stage.c.contact_id, stage.c.tracking).where(same, _answers()), at, source)
    values = {
        **{name: _given(name, stage.c[name] != "") for name in _TEXTS},
        "organisation_id": func.coalesce(stage.c.organisation_id, contact.c.organisation_id),
        "source": _given("source", contact.c.source == ""),
        "registered_on": func.coalesce(contact.c.registered_on, stage.c.registered_on),
        "tracking": _given("tracking", _answers()),
        "updated_at": literal(at, Instant),
    }
    tx.execute(contact.update().values(values).where(changes))


def _given(name: str, when: ColumnElement[bool]) -> ColumnElement[Any]:
    return case((when, stage.c[name]), else_=contact.c[name])


def _insert(tx: Tx, run_id: int, *, at: datetime, source: str) -> None:
    """New contacts, in the order of the file."""
    constants = {
        "language": literal("fr"),
        "attributes": literal({}, contact.c.attributes.type),
        "created_at": literal(at, Instant),
        "updated_at": literal(at, Instant),
    }
    rows = select(*(stage.c[name] for name in _CARRIED), *constants.values())
    rows = rows.where(_is_new).order_by(stage.c.line)
    # Another import may have brought the address since: on PostgreSQL nobody waits for us.
    into = insert_into(tx, contact).from_select([*_CARRIED, *constants], rows).on_conflict_do_nothing()
    tx.execute(into)
    _recognise(tx)
    # One that another import brought meanwhile is not ours.
    ours = and_(contact.c.id == stage.c.contact_id, _is_new, contact.c.created_at == literal(at, Instant))
    journal.note_contacts(tx, run_id, ours, is_new=True)
    answers = select(stage.c.contact_id, stage.c.tracking).where(_is_new, stage.c.tracking != _UNKNOWN)
    _log_consents(tx, answers, at, source)


def _log_consents(tx: Tx, answers: Select[Any], at: datetime, source: str) -> None:
    rows = answers.add_columns(literal(at, Instant), literal(source), literal(""))
    tx.execute(consent.insert().from_select(["contact_id", "state", "at", "source", "wording"], rows))
