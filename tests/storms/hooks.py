"""Where webhooks arrive: verified by the real adapter, recorded with every other report that waits, then answered.

One in ten is told to come again later; so every report comes late, or twice, or both.
"""

import queue
import random
import threading
from concurrent.futures import Future
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from mailer import tracking
from mailer.clock import Clock
from mailer.errors import StoreConflict
from mailer.model.mail import ProviderEvent, RawRequest
from mailer.providers import BadSignature, Provider
from mailer.store import Store

_LATER, _SHARE = 503, 0.1


class Hooks:
    """Listens in threads of this process; `provider` is set before the first webhook comes."""

    def __init__(self, store: Store, clock: Clock, seed: int) -> None:
        self.provider: Provider | None = None
        self._store, self._clock, self._dice = store, clock, random.Random(seed)
        self._waiting: queue.Queue[tuple[list[ProviderEvent], Future[bool]] | None] = queue.Queue()
        handler = type("Handler", (_Handler,), {"hooks": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks/postal/secret"
        self.taken = self.forged = 0
        self._threads = [threading.Thread(target=each) for each in (self._server.serve_forever, self._write)]
        for thread in self._threads:
            thread.start()

    def answer(self, request: RawRequest) -> int:
        assert self.provider is not None
        try:
            events = self.provider.parse_webhook(request)
        except BadSignature:
            self.forged += 1
            return 401
        if self._dice.random() < _SHARE:
            return _LATER
        written: Future[bool] = Future()
        self._waiting.put((events, written))
        return 200 if written.result(timeout=60) else _LATER

    def request(self, headers: dict[str, str], body: bytes) -> RawRequest:
        return RawRequest(headers=headers, body=body, received_at=self._clock.now())

    def _write(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch = [first]
            while not self._waiting.empty() and (more := self._waiting.get()) is not None:
                batch.append(more)
            taken = self._record([event for found, _ in batch for event in found])
            for _, written in batch:
                written.set_result(taken)

    def _record(self, events: list[ProviderEvent]) -> bool:
        """PostgreSQL may undo it in favour of a sender's turn: the provider is told to come again."""
        try:
            with self._store.write() as tx:
                self.taken += tracking.record(tx, events, at=self._clock.now())
        except StoreConflict:
            return False
        return True

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._waiting.put(None)
        for thread in self._threads:
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    hooks: Hooks
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:  # http.server calls it so
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.send_response(self.hooks.answer(self.hooks.request(headers, body)))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is written."""
