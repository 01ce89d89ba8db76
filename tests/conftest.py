"""What every test may use: a migrated database of each kind, a fixed clock, a signer, the demo data."""

import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Dialect, text
from sqlalchemy.util import LRUCache

from mailer.app.shipped import PARTS
from mailer.clock import FixedClock
from mailer.rendering import Confinement
from mailer.sandbox.signing import SigningKey
from mailer.store import Store
from mailer.store.schema import migrate
from mailer.tokens import Signer
from tests import postgresql
from tests.browsing import chromium, out_of_sight
from tests.nursery import Nursery
from tests.serving import Stand
from tests.talking import Talking

REPOSITORY = Path(__file__).parent.parent
#: A Thursday, 09:00 in Paris.
NOW = datetime(2026, 6, 11, 7, 0, tzinfo=UTC)
#: Of memory, for what the tests of two processes write at a time.
ROOM = 2 * 2**30

# A busy machine is no mistake: no test is timed.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")
expect.set_options(timeout=20_000)


def pytest_configure() -> None:
    """What tests write stays in memory where there is room: thousands of them wait for a disk at each commit."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


def pytest_collection_finish() -> None:
    """What is imported stays: the collector would look at all of it again and again, a sixth of the processor's time.

    Of what tests make it waits for more: a statement of SQLAlchemy alone is hundreds of objects that end by themselves.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Only the browser's tests are inside the browser's loop."""
    is_inside = "browser" in getattr(item, "fixturenames", ())
    with nullcontext() if is_inside else out_of_sight():
        return (yield)  # type: ignore[return-value]


class Shelf:
    """Workspaces made ahead: one whose files were written a moment ago is read anew at every question (see `marks`)."""

    AHEAD = 8

    def __init__(self, folder: Path, database: Path) -> None:
        self._folder, self._database = folder, database
        self._ready: list[Path] = []

    def take(self, to: Path) -> Path:
        """The oldest one; another takes its place."""
        while len(self._ready) < self.AHEAD:
            self._ready.append(self._made(self._folder / f"workspace-{next(_numbers)}"))
        return self._ready.pop(0).rename(to)

    def _made(self, root: Path) -> Path:
        root.mkdir()
        for part in PARTS:
            source = REPOSITORY / part
            (shutil.copytree if source.is_dir() else shutil.copy)(source, root / part)
        (root / "var").mkdir()
        shutil.copy(self._database, root / "var" / "mailer.db")
        return root


class Statements:
    """What SQLAlchemy worked out of each statement: every engine would do it anew, which is half of many a test."""

    def __init__(self) -> None:
        self._dialects: dict[str, Dialect] = {}
        self._compiled: LRUCache[Any, Any] = LRUCache(4000)

    def share(self, store: Store) -> Store:
        """The store, which knows what the stores of earlier tests found out. Its database is its own."""
        engine = store.engine
        known = self._dialects.get(engine.dialect.name)
        if known is None:
            with store.read():  # the first connection tells the dialect which server it speaks to
                known = self._dialects[engine.dialect.name] = engine.dialect
        engine.dialect = known
        engine.update_execution_options(compiled_cache=self._compiled)
        return store


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def signer() -> Signer:
    return Signer(b"only-for-tests-only-for-tests-32")


@pytest.fixture(scope="session")
def statements() -> Statements:
    return Statements()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.db"
    store = Store(f"sqlite:///{path}")
    migrate(store)
    with store.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    store.close()
    return path


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("shelf"), sqlite_template)


@pytest.fixture
def workspace(tmp_path: Path, shelf: Shelf) -> Path:
    """A copy of the shipped workspace, with an empty database of today's tables."""
    return shelf.take(tmp_path / "workspace")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    with postgresql.running() as server:
        yield server


@pytest.fixture
def sqlite_store(sqlite_template: Path, tmp_path: Path, statements: Statements) -> Iterator[Store]:
    """SQLite only: for tests of files and processes. Prefer `store`."""
    path = tmp_path / "mailer.db"
    shutil.copy(sqlite_template, path)
    store = statements.share(Store(f"sqlite:///{path}"))
    yield store
    store.close()


@pytest.fixture
def postgresql_store(postgresql_server: postgresql.Server, statements: Statements) -> Iterator[Store]:
    postgresql_server.create(name := f"t{next(_numbers)}")
    store = statements.share(Store(postgresql_server.url(name)))
    yield store
    store.close()
    postgresql_server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """The same test on both databases."""
    found = request.getfixturevalue(f"{request.param}_store")
    assert isinstance(found, Store)
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def stand() -> Iterator[Stand]:
    """Where applications are served."""
    stand = Stand()
    yield stand
    stand.end()


class Kept(Confinement):
    """One confined process for many installations: none of them ends it."""

    def close(self) -> None:
        pass

    def end(self) -> None:
        super().close()


@pytest.fixture(scope="session")
def confinement() -> Iterator[Confinement]:
    """The process that renders templates: for tests that are not about its beginning and its end."""
    kept = Kept()
    yield kept
    kept.end()


@pytest.fixture(scope="session")
def signing_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "signing.pem"
    SigningKey.load(path)
    return path


@pytest.fixture
def sandbox_folder(tmp_path: Path, signing_key: Path) -> Path:
    """For an embedded provider that has its key: to draw one takes as long as all else of most tests."""
    (folder := tmp_path / "sandbox").mkdir()
    shutil.copy(signing_key, folder)
    return folder


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
