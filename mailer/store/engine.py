"""The engine and its two kinds of transaction.

SQLite: WAL, `synchronous=FULL`, and every write transaction starts with BEGIN IMMEDIATE, so that two writers
wait for each other instead of failing half-way. PostgreSQL: READ COMMITTED; where a check and a write must
agree, the statement locks the rows it depends on.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError, DataError, DBAPIError, OperationalError, SQLAlchemyError

from mailer.errors import StoreConflict, StoreError, UnfitValueError
from mailer.model.columns import to_json

Tx = Connection

_BUSY_SECONDS = 30
#: Of memory, while very many rows are written.
_ROOM_KIB = 8 * 1024
_ROOM_TO_JOIN_KIB = 64 * 1024
#: Readers are waited for so long before the log is emptied; then it is tried again at the next tick.
_FORGETTING_SECONDS = 1
#: serialization_failure, deadlock_detected: PostgreSQL undid one of two acts.
_CONFLICTS = {"40001", "40P01"}
#: The class of data exceptions.
_UNREADABLE = "22"
#: PostgreSQL: a process that is suspended in the middle of a transaction holds its locks no longer than this; the
#: others wait. Its transaction is undone, and it is told when it wakes.
_IDLE_SECONDS = 20
_NAME, _UNHURRIED = "relais", "relais unhurried"


class Store:
    """One database. Safe to share between threads; each transaction has a connection of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self, *, unhurried: bool = False) -> Iterator[Tx]:
        """A transaction that may write: committed at the end, rolled back by any exception.

        `unhurried`: it thinks for longer than a few seconds between two statements, as an import of a large file does.
        """
        with (
            self._guarded(),
            self.engine.connect().execution_options(relais_write=True) as connection,
            connection.begin(),
        ):
            self._allow(connection, unhurried=unhurried)
            yield connection

    @contextmanager
    def read(self, *, unhurried: bool = False) -> Iterator[Tx]:
        """A consistent look; whatever it wrote by mistake would be rolled back."""
        with self._guarded(), self.engine.connect() as connection:
            self._allow(connection, unhurried=unhurried)
            yield connection
            connection.rollback()

    def forget(self) -> bool:
        """SQLite: empty the log of the past, so that what was overwritten (a destroyed secret) is nowhere on disk.

        Nor among the pages that connections keep at hand: those that rest are closed.
        False while somebody who still reads an older state keeps the log: ask again later. PostgreSQL's old row
        versions and log are its administrator's: see docs/reference/tracking.md.
        """
        if not self.is_sqlite:
            return True
        with self._guarded(), self.engine.connect() as connection:
            alone = connection.execution_options(isolation_level="AUTOCOMMIT")
            alone.exec_driver_sql(f"PRAGMA busy_timeout={_FORGETTING_SECONDS * 1000}")
            try:
                busy = alone.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
            finally:
                alone.exec_driver_sql(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}")
        # What connections kept at hand of the past goes with them; the next ones read anew.
        self.engine.dispose()
        return not busy

    def end_forgotten(self, *, seconds: float = _IDLE_SECONDS) -> int:
        """PostgreSQL: end the transactions that hold locks and have said nothing for so long; how many they were.

        The server's own timeout does not see all of them: the driver sends a Flush behind `executemany`, which turns the timer
        off, and whoever is suspended there would keep the others waiting for as long as that lasts.
        """
        if self.is_sqlite:
            return 0
        silent = text(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() "
            "AND usename = current_user AND pid <> pg_backend_pid() AND application_name = :name "
            "AND state IN ('idle in transaction', 'idle in transaction (aborted)') "
            "AND state_change < clock_timestamp() - make_interval(secs => :seconds)"
        )
        with self.read() as tx:
            return int(tx.execute(silent, {"name": _NAME, "seconds": seconds}).scalar_one())

    def close(self) -> None:
        """Give every connection back; the store may not be used afterwards."""
        self.engine.dispose()

    def _allow(self, connection: Connection, *, unhurried: bool) -> None:
        if unhurried and not self.is_sqlite:
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            connection.exec_driver_sql(f"SET LOCAL application_name = '{_UNHURRIED}'")

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            raise _plain(error, self.engine) from error
        except (DataError, OverflowError) as error:
            # The driver of SQLite refuses such a number by itself. What was given is not repeated: it may name somebody.
            if isinstance(error, OverflowError) and "SQLite" not in str(error):
                raise
            text = "A number that is too large, or a sign that no text may hold, was given. Correct it and try again."
            raise UnfitValueError(text) from None
        except DatabaseError as error:
            # SQLite says so of a file that is no database or is damaged; its subclasses are mistakes of ours.
            if type(error.orig) is not sqlite3.DatabaseError:
                raise
            raise _plain(error, self.engine) from error


@contextmanager
def driver_cursor(tx: Tx) -> Iterator[Any]:
    """The driver's own cursor, for very many rows; its errors are said in our words, as those of statements are.

    PostgreSQL quotes the row that it refused: neither the message nor its cause is passed on.
    """
    cursor = tx.connection.cursor()
    try:
        yield cursor
    except tx.dialect.loaded_dbapi.Error as error:
        held = tx.connection.dbapi_connection
        is_cut = tx.dialect.is_disconnect(error, held, None)
        if is_cut:
            tx.invalidate()
        raise _said(error, _reason(error), tx.engine, is_cut=is_cut) from None
    cursor.close()


@contextmanager
def roomy(tx: Tx) -> Iterator[None]:
    """For very many rows: more of them are kept at hand, so that nothing is written and read again for each.

    SQLite keeps more pages of the database; PostgreSQL more of what it joins and sorts, until the transaction ends. What
    is written is as durable as ever.
    """
    if tx.dialect.name != "sqlite":
        tx.exec_driver_sql(f"SET LOCAL work_mem = '{_ROOM_TO_JOIN_KIB}kB'")
        yield
        return
    before = tx.exec_driver_sql("PRAGMA cache_size").scalar_one()
    tx.exec_driver_sql(f"PRAGMA cache_size=-{_ROOM_KIB}")
    try:
        yield
    finally:
        tx.exec_driver_sql(f"PRAGMA cache_size={before}")


def _engine(url: str) -> Engine:
    try:
        if not url.startswith("sqlite"):
            return create_engine(
                url,
                pool_pre_ping=True,
                pool_size=10,
                max_overflow=30,
                json_serializer=to_json,
                hide_parameters=True,  # a traceback in a log names nobody
                connect_args={
                    "application_name": _NAME,
                    "options": f"-c idle_in_transaction_session_timeout={_IDLE_SECONDS}s",
                },
            )
        path = url.removeprefix("sqlite:///")
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            url,
            pool_size=20,
            max_overflow=40,
            json_serializer=to_json,
            hide_parameters=True,
            connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
        )
    except (SQLAlchemyError, ModuleNotFoundError, ValueError, OSError) as error:
        raise StoreError(
            "Setting database_url: this database cannot be used ({error}). "
            "Expected sqlite:///var/mailer.db or postgresql://user@host/name.",
            error=error,
        ) from error
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not begin transactions of its own: we say BEGIN or BEGIN IMMEDIATE ourselves.
    connection.isolation_level = None
    # SQLite's own lower() knows A to Z only: "école" would not be found in "École".
    connection.create_function("lower", 1, _lower, deterministic=True)
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        # What is deleted or overwritten is zeroed, whatever this SQLite was compiled to do.
        "secure_delete=ON",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_SECONDS * 1000}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("relais_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _plain(error: DBAPIError, engine: Engine) -> StoreError:
    reason = str(error.orig).strip().splitlines()[0]
    return _said(error.orig, reason, engine, is_cut=error.connection_invalidated)


def _reason(error: BaseException) -> str:
    """The first line; of a value that PostgreSQL cannot read only the kind, for that line quotes it."""
    if (getattr(error, "sqlstate", None) or "").startswith(_UNREADABLE):
        return type(error).__name__
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _said(error: BaseException | None, reason: str, engine: Engine, *, is_cut: bool) -> StoreError:
    place = engine.url.render_as_string(hide_password=True)
    if isinstance(error, sqlite3.OperationalError) and "full" in reason:
        text = "The disk of the database is full ({place}); nothing was half-done. Make room and try again."
    else:
        text = "The database refused ({place}): {reason}. Nothing was half-done."
    # A connection that was cut took its transaction with it, or its commit came through: both are safe to repeat,
    # since every write names the state that it expects.
    undone = is_cut or getattr(error, "sqlstate", None) in _CONFLICTS
    return (StoreConflict if undone else StoreError)(text, place=place, reason=reason)
