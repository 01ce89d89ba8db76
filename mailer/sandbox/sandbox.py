"""The sandbox as a whole: its folder, its three faces, its threads; in a test's process or as one of its own."""

import asyncio
import fcntl
import os
import socket
import threading
from pathlib import Path

from mailer.clock import Clock, SystemClock
from mailer.errors import SettingError
from mailer.sandbox.control import control
from mailer.sandbox.faults import Faults
from mailer.sandbox.journal import Entry
from mailer.sandbox.ledger import Ledger
from mailer.sandbox.office import Office
from mailer.sandbox.post import Post, read_journal
from mailer.sandbox.relay import address as relay_address
from mailer.sandbox.relay import relay_to
from mailer.sandbox.serving import Server, listen
from mailer.sandbox.signing import SigningKey
from mailer.sandbox.smtp import Handler
from mailer.sandbox.web import Face
from mailer.sandbox.webhooks import Webhooks
from mailer.sandbox.worker import Worker
from mailer.settings import SandboxSettings
from mailer.signals import listening


class Sandbox:
    """`root` keeps everything: store, journal.jsonl, maildir/, signing key. Ports 0 take free ones.

    `start` raises SettingError when a port or the folder is in use.
    """

    def __init__(self, settings: SandboxSettings, root: Path, *, clock: Clock | None = None) -> None:
        self._settings, self._root, self._clock = settings, root, clock or SystemClock()
        self._ended = threading.Event()
        self._running: _Running | None = None

    def start(self) -> None:
        """Listen and work, in threads of this process; returns once connections are taken."""
        self._root.mkdir(parents=True, exist_ok=True)
        self._ended.clear()
        self._running = _Running(self._settings, self._root, self._clock)

    def stop(self) -> None:
        """Answer what is under way, end the threads, close the store. What waits is kept for the next start."""
        running, self._running = self._running, None
        if running:
            running.stop()
        self._ended.set()

    def wait(self) -> None:
        """Block until `stop` is called by another thread."""
        self._ended.wait()

    def __enter__(self) -> "Sandbox":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def http_url(self) -> str:
        return f"http://127.0.0.1:{self._port('http')}"

    @property
    def control_url(self) -> str:
        return f"http://127.0.0.1:{self._port('control')}"

    @property
    def smtp_port(self) -> int:
        return self._port("smtp")

    def journal(self) -> list[Entry]:
        """Every accepted recipient, oldest first; also after `stop`, and of another process on the same folder."""
        return list(read_journal(self._root))

    def default_dkim_record(self) -> str:
        """The DNS record with the public key that verifies webhooks."""
        return SigningKey.load(self._root / "signing.pem").dkim_record()

    def _port(self, face: str) -> int:
        assert self._running is not None, "the sandbox is not started"
        return self._running.ports[face]


def run(settings: SandboxSettings, root: Path, *, clock: Clock | None = None) -> None:
    """Be the sandbox's process: block until SIGINT or SIGTERM. To be called from the main thread."""
    sandbox = Sandbox(settings, root, clock=clock)
    sandbox.start()
    with listening() as wait:
        try:
            wait()
        finally:
            sandbox.stop()


class _Running:
    """One run from start to stop: everything that must be closed again."""

    def __init__(self, settings: SandboxSettings, root: Path, clock: Clock) -> None:
        self._relay = relay_address(settings)
        self._lock = _claim(root)
        try:
            self._sockets = _listen(settings)
        except SettingError:
            os.close(self._lock)
            raise
        self.ports: dict[str, int] = {name: each.getsockname()[1] for name, each in self._sockets.items()}
        self._build(settings, root, clock)
        self._webhooks.start()
        self._worker.start()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve()), name="sandbox", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        for server in self._servers.values():
            server.should_exit = True
        self._thread.join()
        self._worker.stop()
        self._webhooks.stop()
        self._ledger.close()
        self._post.close()
        os.close(self._lock)

    def _build(self, settings: SandboxSettings, root: Path, clock: Clock) -> None:
        key, faults, scale = SigningKey.load(root / "signing.pem"), Faults(), settings.clock_scale
        domains = tuple(settings.domains)
        self._ledger = ledger = Ledger(root / "sandbox.db")
        office = Office(ledger, clock)
        self._post = Post(ledger, root, clock, store=settings.store, accepted=lambda: self._worker.wake())
        self._webhooks = Webhooks(
            ledger,
            key,
            faults,
            clock,
            url=settings.webhook_url,
            events=settings.webhook_events,
            clock_scale=scale,
        )
        relay = relay_to(*self._relay, self._post) if self._relay else None
        self._worker = Worker(ledger, office, self._webhooks, clock, clock_scale=scale, relay=relay)
        self._smtp = Handler(self._post, office, api_key=settings.api_key, domains=domains)
        face = Face(ledger, self._post, office, faults, key, settings.api_key, domains, clock)
        self._servers = {
            "http": Server(face),
            "control": Server(control(ledger, office, faults, self._webhooks)),
        }

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        smtp = await loop.create_server(self._smtp.protocol, sock=self._sockets["smtp"])
        try:
            await asyncio.gather(
                *(server.serve(sockets=[self._sockets[name]]) for name, server in self._servers.items())
            )
        finally:
            smtp.close()


def _claim(root: Path) -> int:
    """A lock on the folder, so that two processes never write one journal."""
    file = os.open(root / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(file)
        raise SettingError(
            "Setting sandbox.path: another sandbox works in {path}. Stop it, or choose another folder.",
            path=root,
        ) from error
    return file


def _listen(settings: SandboxSettings) -> dict[str, socket.socket]:
    opened: dict[str, socket.socket] = {}
    wanted = {"http": settings.http_port, "smtp": settings.smtp_port, "control": settings.control_port}
    try:
        for name, port in wanted.items():
            opened[name] = listen(port, setting=f"{name}_port")
    except SettingError:
        for each in opened.values():
            each.close()
        raise
    return opened
