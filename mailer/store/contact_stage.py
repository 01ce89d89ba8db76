"""The temporary table on which an import lays its lines before they are compared, and the lines of one address in it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Select,
    String,
    Table,
    case,
    exists,
    func,
    literal,
    null,
    select,
)

from mailer.model.people import TrackingConsent
from mailer.store.engine import Tx
from mailer.store.upserts import insert_tuples

#: Texts that a later import may replace by another text, never by an empty one.
TEXTS = ("first_name", "last_name", "job")
#: The file names an organisation that nobody knows: another line of the same person does not name theirs.
UNKNOWN_ORGANISATION = 0
#: So many topics find room in the bits of one number.
MAX_TOPICS = 63
#: Line of the file, address, the texts, source, TrackingConsent, organisation, ISO date, and bit n for a yes to the
#: n-th topic.
Row = tuple[int, str, str, str, str, str, str, int | None, str | None, int]

stage = Table(
    "contact_stage",
    MetaData(),
    Column("line", Integer, nullable=False, autoincrement=False),
    Column("address", String, nullable=False),
    *(Column(name, String, nullable=False) for name in (*TEXTS, "source", "tracking")),
    Column("organisation_id", Integer),
    Column("registered_on", Date),
    #: Bit n: the file says yes to the n-th topic; after the comparison, only where the person had said nothing of it.
    Column("topics", BigInteger, nullable=False),
    #: The contact of that address; NULL until it is there.
    Column("contact_id", Integer),
    #: Whether the line brings news about a known contact; NULL for a new one.
    Column("changed", Boolean),
    # SQLite keeps its rows in this order for nothing; to PostgreSQL it would be an index that each change of a row pays.
    PrimaryKeyConstraint("line").ddl_if(dialect="sqlite"),
    prefixes=["TEMPORARY"],
)
_STAGED = ("line", "address", *TEXTS, "source", "tracking", "organisation_id", "registered_on", "topics")
_other = stage.alias("other")


@contextmanager
def staged(tx: Tx, rows: Iterable[Row], *, topics: int) -> Iterator[int]:
    """The lines laid out, one for each address; gives how many lines were of an address that an earlier one had."""
    stage.create(tx, checkfirst=False)
    insert_tuples(tx, stage, rows, names=_STAGED)
    # Nothing looks after the statistics of a temporary table; without its size PostgreSQL loops over it.
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql("ANALYZE contact_stage (line)")
    repeated = _fold(tx, topics) if _repeats(tx) else 0
    unknown = stage.c.organisation_id == UNKNOWN_ORGANISATION
    tx.execute(stage.update().values(organisation_id=null()).where(unknown))
    yield repeated
    # Not in a `finally`: after an error the caller's transaction is undone, and the table with it.
    stage.drop(tx, checkfirst=False)


def asked(place: int) -> ColumnElement[bool]:
    """The line says yes to the topic of that place."""
    return stage.c.topics.bitwise_and(1 << place) != 0


def kept_topics(wanted: Sequence[ColumnElement[bool]]) -> ColumnElement[int]:
    """The topics of a line of which the condition holds."""
    kept: ColumnElement[int] = literal(0)
    for place, condition in enumerate(wanted):
        kept = kept + case((asked(place) & condition, 1 << place), else_=0)
    return kept


def _repeats(tx: Tx) -> bool:
    return tx.execute(_repeated().limit(1)).first() is not None


def _repeated() -> Select[str]:
    """The addresses of more than one line: few, so that only theirs are looked at closely."""
    return select(_other.c.address).group_by(_other.c.address).having(func.count() > 1)


def _fold(tx: Tx, topics: int) -> int:
    """Lines of one address become its first one, which takes from the later ones what it does not say itself."""
    tx.exec_driver_sql("CREATE INDEX contact_stage_address ON contact_stage (address, line)")
    bits: ColumnElement[int] = literal(0)
    for place in range(topics):
        bit = 1 << place
        bits = bits + case((_somebody(_other.c.topics.bitwise_and(bit) != 0), bit), else_=0)
    # Of two answers in one file the refusal holds.
    answers = (TrackingConsent.DENIED.value, TrackingConsent.GRANTED.value)
    values = {
        **{name: _earliest(name, _other.c[name] != "") for name in (*TEXTS, "source")},
        **{
            name: _earliest(name, _other.c[name].isnot(None)) for name in ("organisation_id", "registered_on")
        },
        "tracking": case(
            *((_somebody(_other.c.tracking == each), each) for each in answers), else_=stage.c.tracking
        ),
        "topics": bits,
    }
    is_later = _somebody(_other.c.line < stage.c.line)
    has_later = _somebody(_other.c.line > stage.c.line)
    is_repeated = stage.c.address.in_(_repeated())
    tx.execute(stage.update().values(values).where(is_repeated, has_later, ~is_later))
    folded = tx.execute(stage.delete().where(is_repeated, is_later)).rowcount
    # PostgreSQL would keep it up to date with every later change of a line.
    tx.exec_driver_sql("DROP INDEX contact_stage_address")
    return folded


def _earliest(name: str, says: ColumnElement[bool]) -> ColumnElement[Any]:
    """The first value that a line of the address gives, in the order of the file."""
    found = select(_other.c[name]).where(_same(), says).order_by(_other.c.line).limit(1)
    return func.coalesce(found.scalar_subquery(), stage.c[name])


def _somebody(says: ColumnElement[bool]) -> ColumnElement[bool]:
    """A line of the address says so."""
    return exists(select(_other.c.line).where(_same(), says))


def _same() -> ColumnElement[bool]:
    return _other.c.address == stage.c.address
