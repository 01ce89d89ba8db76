"""Hits: the answer leaves at once, the verdict waits in a bounded buffer, a group is written at most a second later.

A click waits ten seconds more: only then is it known whether a scanner followed every link of that mail (rules O10).

A forged token costs a signature check and nothing else (security S22). Nothing of the request is kept but the verdict.
"""

import threading
import time
from collections import deque
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

import structlog

from mailer.clock import Clock
from mailer.errors import StoreError, TokenError
from mailer.store import Store, deliveries, sends, snapshots
from mailer.tokens import Purpose, Signer
from mailer.tracking import counting
from mailer.tracking.counting import Hit
from mailer.tracking.scans import SCAN_TIME, WAY_OUT, Scans

_log = structlog.get_logger()
_GROUP_SECONDS = 0.5
_FORGETTING_SECONDS = 60.0
#: At most so many in one transaction: a send waits for a few milliseconds, never for a flood.
_GROUP_SIZE = 500
_MOST_WAITING = 50_000
#: SQLite has one writer: while a send runs, hits hold it for a tenth of the time and leave it alone for the rest.
_REST = 9


class Hits:
    """Takes hits from any thread; `start` begins to write, `stop` writes what is left."""

    def __init__(self, store: Store, signer: Signer, clock: Clock) -> None:
        self._store = store
        self._signer = signer
        self._clock = clock
        self._waiting: deque[Hit] = deque()
        #: Taken out of the buffer, and not written yet.
        self._under_way = 0
        self._rest_seconds = 0.0
        self._scans = Scans()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        #: Hits that were answered and not counted: reported, never silently lost.
        self.dropped = 0
        self._reported = 0

    def open(self, token: str, *, user_agent: str, method: str = "GET") -> bool:
        """Take one load of a pixel; False for a token that is not ours."""
        try:
            payload = self._signer.verify(Purpose.OPEN, token)
        except TokenError:
            return False
        self._put(Hit(payload, user_agent, method, self._clock.now()))
        return True

    def click(self, token: str, *, user_agent: str, method: str = "GET", network: str = "") -> str:
        """Where the link leads: a target of the frozen issue, never of the request. Raises TokenError.

        `network` is remembered for two minutes, to tell a service that asks from many of them.
        """
        payload = self._signer.verify(Purpose.CLICK, token)
        key, _, number = payload.partition(b"|")
        link = int(number) if number.isdigit() else -1
        target = self._target(key.decode("ascii", "replace"), link)
        now = self._clock.now()
        self._scans.watch(key, link=link, method=method, at=now, network=network)
        self._put(Hit(key, user_agent, method, now, link))
        return target

    def way_out(self, key: str, *, method: str = "GET", network: str = "") -> None:
        """Somebody looked at the page of unsubscribing, or pressed its button: never counted, but scanners look at it too."""
        self._scans.watch(key.encode(), link=WAY_OUT, method=method, at=self._clock.now(), network=network)

    def start(self) -> None:
        self._stopped.clear()
        self._thread = threading.Thread(target=self._run, name="hits", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is waiting; nothing that was answered is lost."""
        self._stopped.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        self.flush()
        if self._waiting:
            _log.error("hits lost: the database refused until the end", count=len(self._waiting))

    def flush(self) -> None:
        """Write everything that waits."""
        self._write(ripe_before=None)

    def _run(self) -> None:
        """Every half second while something waits; once a minute to forget what scanners did."""
        while not self._stopped.is_set():
            self._wake.wait(_FORGETTING_SECONDS)
            self._stopped.wait(_GROUP_SECONDS)
            self._wake.clear()
            self._write(ripe_before=self._clock.now() - SCAN_TIME)
            self._report_dropped()
            if self._waiting:
                self._wake.set()

    def _write(self, *, ripe_before: datetime | None) -> None:
        with self._writing:
            ripe = [self._judged(hit) for hit in self._take(ripe_before)]
            self._scans.forget(since=self._first_unjudged())
            for start in range(0, len(ripe), _GROUP_SIZE):
                if not self._count(ripe[start : start + _GROUP_SIZE]):
                    self._put_back(ripe[start:])
                    return
                self._under_way -= len(ripe[start : start + _GROUP_SIZE])
                if ripe_before is not None:
                    self._stopped.wait(self._rest_seconds)

    def _count(self, group: list[Hit]) -> bool:
        """Write one group; False when the database refused it for now."""
        try:
            with self._store.write() as tx:
                began = time.monotonic()
                counting.write(tx, group)
                gives_way = self._store.is_sqlite and sends.any_running(tx)
            self._rest_seconds = (time.monotonic() - began) * _REST if gives_way else 0.0
        except StoreError as error:
            _log.warning("hits wait for the database", waiting=len(group), reason=str(error))
            return False
        except Exception:  # noqa: BLE001  # this thread's edge: a group that cannot be counted stops no other
            _log.exception("hits not counted", count=len(group))
            self._drop(len(group))
        return True

    def _first_unjudged(self) -> datetime:
        """When the first click was made that is still to be judged; now, where none waits."""
        with self._lock:
            waiting = [hit.at for hit in self._waiting if hit.link is not None]
        return min(waiting, default=self._clock.now())

    def _judged(self, hit: Hit) -> Hit:
        """A scanner's click stays one, however long the database keeps it waiting."""
        if hit.link is None or hit.is_scan:
            return hit
        return replace(hit, is_scan=self._scans.is_scan(hit.payload, hit.at))

    def _take(self, ripe_before: datetime | None) -> list[Hit]:
        """Everything that waits, but the clicks made since `ripe_before`: those stay for a later group."""
        with self._lock:
            waiting = list(self._waiting)
            self._waiting.clear()
            green = [hit for hit in waiting if hit.link is not None and ripe_before and hit.at > ripe_before]
            self._waiting.extend(green)
            ripe = [hit for hit in waiting if hit.link is None or not ripe_before or hit.at <= ripe_before]
            self._under_way = len(ripe)
        return ripe

    def _put_back(self, group: list[Hit]) -> None:
        with self._lock:
            self._under_way = 0
            room = max(0, _MOST_WAITING - len(self._waiting))
            self.dropped += max(0, len(group) - room)
            self._waiting.extendleft(reversed(group[:room]))

    def _put(self, hit: Hit) -> None:
        with self._lock:
            if len(self._waiting) + self._under_way >= _MOST_WAITING:
                self.dropped += 1
                return
            self._waiting.append(hit)
        self._wake.set()

    def _drop(self, number: int) -> None:
        with self._lock:
            self.dropped += number

    def _report_dropped(self) -> None:
        if self.dropped > self._reported:
            _log.warning("hits dropped", count=self.dropped - self._reported)
            self._reported = self.dropped

    def _target(self, key: str, link: int) -> str:
        with self._store.read() as tx:
            delivery = deliveries.find_by_key(tx, key)
            targets = snapshots.links_of_send(tx, delivery.send_id) if delivery else []
        if not 0 <= link < len(targets) or urlsplit(targets[link]).scheme not in {"http", "https"}:
            raise TokenError("This link is not complete. Open it again from the e-mail.")
        return targets[link]
