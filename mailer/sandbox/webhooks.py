"""Webhooks: written with what they report, in one transaction; delivered by a few threads; kept until a 2xx."""

import json
import queue
import sqlite3
import threading
import uuid
from collections.abc import Collection
from typing import Any

from mailer.clock import Clock
from mailer.sandbox import lookup
from mailer.sandbox.courier import Courier, Hook
from mailer.sandbox.faults import Faults
from mailer.sandbox.ledger import Ledger
from mailer.sandbox.signing import SigningKey
from mailer.sandbox.verdicts import Verdict
from mailer.tokens import random_bytes

_THREADS = 4
_AHEAD = 256
_IDLE_SECONDS = 0.25
#: Minutes before the second to the sixth attempt; then the webhook is dropped.
_RETRY_MINUTES = (2, 3, 6, 10, 15)
_INSERT = "INSERT INTO hook (uuid, message, body, due) VALUES (?, ?, ?, ?)"


class Webhooks:
    """The durable queue and its threads; without an address nothing is queued."""

    def __init__(
        self,
        ledger: Ledger,
        key: SigningKey,
        faults: Faults,
        clock: Clock,
        *,
        url: str,
        events: Collection[str] = (),
        clock_scale: float,
    ) -> None:
        self._ledger, self._key, self._faults, self._clock = ledger, key, faults, clock
        self._url, self._events, self._scale = url, frozenset(events), clock_scale
        self._in_flight: set[int] = set()
        self._lock = threading.Lock()
        self._ready: queue.Queue[Hook | None] = queue.Queue(_AHEAD)
        self._due, self._stopping = threading.Event(), threading.Event()
        self._threads = [threading.Thread(target=self._dispatch, name="sandbox-hooks", daemon=True)]
        self._threads += [
            threading.Thread(target=self._deliver, name=f"sandbox-hook-{n}", daemon=True)
            for n in range(_THREADS)
        ]
        self.delivered = 0

    def start(self) -> None:
        if self._url:
            for thread in self._threads:
                thread.start()

    def wake(self) -> None:
        self._due.set()

    def stop(self) -> None:
        """End after the deliveries that run; what waits stays queued for the next start."""
        if not self._url:
            return
        self._stopping.set()
        self._due.set()
        self._threads[0].join()
        for _ in range(_THREADS):
            self._ready.put(None)
        for thread in self._threads[1:]:
            thread.join()

    def report(
        self, tx: sqlite3.Connection, event: str, row: sqlite3.Row, verdict: Verdict, *, at: float
    ) -> None:
        """MessageSent, MessageDelayed, MessageDeliveryFailed, MessageHeld."""
        payload = {
            "message": lookup.in_webhook(row),
            "status": verdict.status,
            "details": verdict.details,
            "output": verdict.output,
            "sent_with_ssl": False,
            "timestamp": at,
            "time": verdict.seconds,
        }
        self._queue(tx, event, row["id"], payload, at)

    def report_bounce(
        self, tx: sqlite3.Connection, original: sqlite3.Row, bounce: sqlite3.Row, *, at: float
    ) -> None:
        payload = {"original_message": lookup.in_webhook(original), "bounce": lookup.in_webhook(bounce)}
        self._queue(tx, "MessageBounced", original["id"], payload, at)

    def report_limit(self, tx: sqlite3.Connection, limit: int, *, at: float) -> None:
        server = {
            "uuid": str(uuid.UUID(int=1)),
            "name": "Sandbox",
            "permalink": "sandbox",
            "organization": "relais",
        }
        self._queue(tx, "SendLimitExceeded", None, {"server": server, "volume": limit, "limit": limit}, at)

    def _queue(
        self, tx: sqlite3.Connection, event: str, message: int | None, payload: dict[str, Any], at: float
    ) -> None:
        if not self._url or (self._events and event not in self._events):
            return
        name = str(uuid.UUID(bytes=random_bytes(16), version=4))
        envelope = {"event": event, "timestamp": at, "payload": payload, "uuid": name}
        tx.execute(_INSERT, (name, message, json.dumps(envelope, ensure_ascii=False), at))

    def _dispatch(self) -> None:
        while not self._stopping.is_set():
            self._due.clear()
            hooks = self._next()
            for hook in hooks:
                if not self._stopping.is_set():
                    self._ready.put(hook)
            if not hooks:
                self._due.wait(_IDLE_SECONDS)

    def _next(self) -> list[Hook]:
        question = "SELECT id, body, attempts FROM hook WHERE due <= ? ORDER BY due, id LIMIT ?"
        with self._lock:
            flying = set(self._in_flight)
        rows = self._ledger.read(question, self._clock.now().timestamp(), _AHEAD + len(flying))
        hooks = [
            Hook(row["id"], row["body"].encode(), row["attempts"]) for row in rows if row["id"] not in flying
        ]
        with self._lock:
            self._in_flight.update(hook.id for hook in hooks)
        return hooks

    def _deliver(self) -> None:
        courier = Courier(self._url, self._key, self._faults)
        while (hook := self._ready.get()) is not None:
            if not self._stopping.is_set():  # what is left waits in the store for the next start
                self._conclude(hook, courier.carry(hook))
        courier.close()

    def _conclude(self, hook: Hook, delivered: bool | None) -> None:
        """True: gone. False: again later, or dropped. None: it was held back, let others overtake it."""
        now = self._clock.now().timestamp()
        statement, values = "DELETE FROM hook WHERE id = ?", (hook.id,)
        if delivered is None:
            statement, values = "UPDATE hook SET due = ? WHERE id = ?", (now + 1, hook.id)  # type: ignore[assignment]
        elif not delivered and hook.attempts < len(_RETRY_MINUTES):
            due = now + _RETRY_MINUTES[hook.attempts] * 60 * self._scale
            statement = "UPDATE hook SET attempts = attempts + 1, due = ? WHERE id = ?"
            values = (due, hook.id)  # type: ignore[assignment]
        self._ledger.write(lambda tx: tx.execute(statement, values), lambda _: self._landed(hook, delivered))

    def _landed(self, hook: Hook, delivered: bool | None) -> None:
        with self._lock:
            self._in_flight.discard(hook.id)
            self.delivered += delivered is True
