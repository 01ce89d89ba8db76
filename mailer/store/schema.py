"""Bringing a database to the newest revision, and refusing one that is newer than the program."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from mailer.errors import StoreError
from mailer.store.engine import Store

_MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(store: Store, to: str = "head") -> None:
    """Run the migrations that are missing, up to this revision; safe to repeat, also from two processes at once.

    Raises StoreError for a database that a newer version made: nothing is touched.
    """
    head = _scripts().get_current_head()
    with store.read() as tx:
        current = MigrationContext.configure(tx).get_current_revision()
    if current == head:
        return
    _refuse_newer(current)
    config = _config()
    with store.write() as tx:
        if not store.is_sqlite:
            tx.exec_driver_sql("SELECT pg_advisory_xact_lock(7314)")
        config.attributes["connection"] = tx
        command.upgrade(config, to)


def revisions() -> list[str]:
    """Every revision, the oldest first."""
    return [script.revision for script in _scripts().walk_revisions()][::-1]


@cache
def _scripts() -> ScriptDirectory:
    """Every one of them is compiled to know the newest: once for this process."""
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _refuse_newer(current: str | None) -> None:
    if current is not None and current not in revisions():
        raise StoreError(
            "This database was made by a newer version (revision {revision}); nothing was touched. "
            "Install that version of mailer, or use another database_url.",
            revision=current,
        )
