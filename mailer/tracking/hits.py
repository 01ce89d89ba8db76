"""Hits: the answer leaves at once, the verdict waits in a bounded buffer, a group is written at most a second later.

A click waits ten seconds more: only then is it known whether a scanner followed every link of that mail (rules O10).

A forged token costs a signature check and nothing else (security S22). Nothing of the request is kept but the verdict.
"""

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from mailer.clock import Clock
from mailer.errors import StoreError, TokenError
from mailer.store import Store, deliveries, snapshots
from mailer.tokens import Purpose, Signer
from mailer.tracking import counting

_log = structlog.get_logger()
_GROUP_SECONDS = 0.5
_MOST_WAITING = 50_000
#: Distinct links of one copy within this time are a scanner's (rules O10).
_SCAN_TIME = timedelta(seconds=10)
_SCAN_LINKS = 3
_REMEMBERED_CLICKS = 32
_WATCHED_COPIES = 10_000


@dataclass(frozen=True, slots=True)
class Hit:
    """One load of a pixel (`link` is None) or one click; `payload` is the verified content of its token."""

    payload: bytes
    user_agent: str
    method: str
    at: datetime
    link: int | None = None
    #: More links of this copy were followed around that moment than anybody reads.
    is_scan: bool = False


class Hits:
    """Takes hits from any thread; `start` begins to write, `stop` writes what is left."""

    def __init__(self, store: Store, signer: Signer, clock: Clock) -> None:
        self._store = store
        self._signer = signer
        self._clock = clock
        self._waiting: deque[Hit] = deque()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._seen: OrderedDict[bytes, deque[tuple[datetime, int]]] = OrderedDict()
        #: Hits that found the buffer full: reported, never silently lost.
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

    def click(self, token: str, *, user_agent: str, method: str = "GET") -> str:
        """Where the link leads: a target of the frozen issue, never of the request. Raises TokenError."""
        payload = self._signer.verify(Purpose.CLICK, token)
        key, _, number = payload.partition(b"|")
        link = int(number) if number.isdigit() else -1
        target = self._target(key.decode("ascii", "replace"), link)
        now = self._clock.now()
        self._watch(key, link, now)
        self._put(Hit(key, user_agent, method, now, link))
        return target

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

    def flush(self) -> None:
        """Write everything that waits, in one transaction."""
        self._write(ripe_before=None)

    def _write(self, *, ripe_before: datetime | None) -> None:
        with self._writing:
            group = self._take(ripe_before)
            if not group:
                return
            try:
                with self._store.write() as tx:
                    counting.write(tx, group)
            except StoreError as error:
                self._put_back(group)
                _log.warning("hits wait for the database", waiting=len(group), reason=str(error))

    def _take(self, ripe_before: datetime | None) -> list[Hit]:
        """Everything that waits, but the clicks made since `ripe_before`: those stay for a later group."""
        with self._lock:
            waiting = [replace(hit, is_scan=self._is_scan(hit)) for hit in self._waiting]
            self._waiting.clear()
            if ripe_before is None:
                return waiting
            self._waiting.extend(hit for hit in waiting if hit.link is not None and hit.at > ripe_before)
            return [hit for hit in waiting if hit.link is None or hit.at <= ripe_before]

    def _put_back(self, group: list[Hit]) -> None:
        with self._lock:
            room = max(0, _MOST_WAITING - len(self._waiting))
            self.dropped += max(0, len(group) - room)
            self._waiting.extendleft(reversed(group[:room]))

    def _put(self, hit: Hit) -> None:
        with self._lock:
            if len(self._waiting) >= _MOST_WAITING:
                self.dropped += 1
                return
            self._waiting.append(hit)
        self._wake.set()

    def _run(self) -> None:
        """Every half second while something waits."""
        while not self._stopped.is_set():
            self._wake.wait()
            self._stopped.wait(_GROUP_SECONDS)
            self._wake.clear()
            self._write_or_report()
            self._report_dropped()
            if self._waiting:
                self._wake.set()

    def _write_or_report(self) -> None:
        """The edge of this thread: one group that cannot be written must not end the measure."""
        try:
            self._write(ripe_before=self._clock.now() - _SCAN_TIME)
        except Exception:  # noqa: BLE001
            _log.exception("a group of hits is lost")

    def _report_dropped(self) -> None:
        if self.dropped > self._reported:
            _log.warning("hits dropped: the buffer was full", dropped=self.dropped - self._reported)
            self._reported = self.dropped

    def _target(self, key: str, link: int) -> str:
        with self._store.read() as tx:
            delivery = deliveries.find_by_key(tx, key)
            targets = snapshots.links_of_send(tx, delivery.send_id) if delivery else []
        if not 0 <= link < len(targets):
            raise TokenError("This link is not complete. Open it again from the e-mail.")
        return targets[link]

    def _watch(self, key: bytes, link: int, now: datetime) -> None:
        """Remember who follows which link, in memory only."""
        with self._lock:
            seen = self._seen.setdefault(key, deque(maxlen=_REMEMBERED_CLICKS))
            self._seen.move_to_end(key)
            if len(self._seen) > _WATCHED_COPIES:
                self._seen.popitem(last=False)
            seen.append((now, link))

    def _is_scan(self, hit: Hit) -> bool:
        """Whether, within some ten seconds around this click, its copy's links were followed faster than one reads."""
        if hit.link is None:
            return False
        near = [(at, link) for at, link in self._seen.get(hit.payload, ()) if abs(at - hit.at) <= _SCAN_TIME]
        return any(
            len({link for at, link in near if start <= at <= start + _SCAN_TIME}) >= _SCAN_LINKS
            for start, _ in near
            if start <= hit.at
        )
