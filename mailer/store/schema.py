"""Bringing a database to the newest revision, and refusing one that is newer than the program."""

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
    config = _config()
    head = ScriptDirectory.from_config(config).get_current_head()
    with store.read() as tx:
        current = MigrationContext.configure(tx).get_current_revision()
    if current == head:
        return
    _refuse_newer(config, current)
    with store.write() as tx:
        if not store.is_sqlite:
            tx.exec_driver_sql("SELECT pg_advisory_xact_lock(7314)")
        config.attributes["connection"] = tx
        command.upgrade(config, to)


def revisions() -> list[str]:
    """Every revision, the oldest first."""
    found = ScriptDirectory.from_config(_config()).walk_revisions()
    return [script.revision for script in found][::-1]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _refuse_newer(config: Config, current: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise StoreError(
            "This database was made by a newer version (revision {revision}); nothing was touched. "
            "Install that version of mailer, or use another database_url.",
            revision=current,
        )
