"""How one process hands over one send: a few threads post, one writes.

Each turn of the loop is one short transaction: conclude what was answered, claim what comes next, take permits of the
shared pace, write the intents. Only when it is committed do those messages leave. So the intents that share a commit
are never more than the requests in flight, and the database has one writer per process.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from mailer.clock import Clock, local_date
from mailer.errors import ProviderHalt, StoreConflict, StoreError
from mailer.failpoints import failpoint, full_disk
from mailer.i18n import note
from mailer.model.ledger import Delivery, DeliveryState, Send, SendState, Snapshot
from mailer.model.mail import SendResult
from mailer.providers import Provider
from mailer.sending import outages
from mailer.sending.excluding import exclude_unknown
from mailer.sending.flights import Answer, Departure, Flights, Prepared
from mailer.sending.gate import Gate
from mailer.sending.outcomes import given_back, next_state, repeatable
from mailer.sending.progress import CONCLUDED, Progress
from mailer.sending.stock import Stock, stay
from mailer.sending.waiting import Wait
from mailer.store import Store, Tx, attempts, deliveries, guards, handovers, installation, pacing, sends
from mailer.store.attempts import Repeatable
from mailer.store.guards import Guard
from mailer.store.handovers import Next
from mailer.store.installation import Mark, Reached

_log = structlog.get_logger()
#: A retry or a lease that ends within this time is waited for; a later one is left to the next run.
_PATIENCE = timedelta(seconds=150)
_SHORTEST_NAP_SECONDS, _LONGEST_NAP_SECONDS = 0.001, 0.5
_TELL_EVERY_SECONDS = 0.5
#: A turn that the database undid in favour of somebody else's (a deadlock) is tried again so many times.
_TRIES = 5
#: What an answer makes of a delivery, and the answer.
Told = tuple[Delivery, Next, SendResult]


@dataclass(slots=True)
class Loop:
    """One run over one send; not shared between threads."""

    send: Send
    snapshot: Snapshot
    store: Store
    provider: Provider
    #: The account of the provider, as attempts note it.
    account: str
    stock: Stock
    clock: Clock
    stopping: threading.Event
    threads: int
    per_second: float
    lease: timedelta
    mark: Mark
    wait: Wait
    progress: Callable[[Progress], None] | None = None
    _running: bool = True
    _until_permit: float = 0.0
    _reached: Reached = (0, 0)
    #: When the leases of the latest intents end.
    _until: datetime = field(init=False)
    _tell_after: float = 0.0

    def run(self) -> None:
        """Until nothing is left to hand over now, or the send is paused, halted or asked to stop."""
        with ThreadPoolExecutor(self.threads, thread_name_prefix="hand-over") as pool:
            gate = Gate(self.clock, gap=pacing.least_gap(self.per_second))
            flights = Flights(pool, self.provider, self.clock, gate)
            try:
                while self._turn(flights):
                    if time.monotonic() >= self._tell_after:
                        self._tell()
            finally:
                self._land(flights)
        self._tell()

    def _turn(self, flights: Flights) -> bool:
        """One transaction; False when this run is over."""
        answers = flights.answers(patience=self._patience(flights))
        self._running = self._running and not self.stopping.is_set()
        posts, wake = self._write(answers, len(flights))
        flights.landed()
        if answers:
            failpoint("after-accepted")
        if posts:
            self._mark(posts, flights)
            failpoint("after-intent")
        flights.start(posts, until=self._until)
        return bool(flights) or self._goes_on(wake)

    def _mark(self, posts: list[Departure], flights: Flights) -> None:
        """Before they leave. Without the mark none does, and that is written down: their intents are committed."""
        try:
            self.mark.raise_to(self._reached)
        except StoreError:
            flights.keep_back(posts, code="storage")
            raise

    def _patience(self, flights: Flights) -> float | None:
        """How long to wait for an answer: as long as it takes where there is nothing else to do."""
        waits = bool(self.wait.left(self.clock.now()))
        nothing = not self.stock and not self.stock.may_grow
        idle = len(flights) >= self.threads or nothing or not self._running or waits
        return None if idle else max(self._nap(self._until_permit), _SHORTEST_NAP_SECONDS)

    def _write(self, answers: list[Answer], flying: int) -> tuple[list[Departure], datetime | None]:
        for tried in range(_TRIES):
            before = self.stock.kept()
            try:
                with self.store.write() as tx:
                    return self._written(tx, answers, flying)
            except StoreConflict:
                self.stock.put_back(before)
                if tried == _TRIES - 1:
                    raise
        raise AssertionError("the last try returned or raised")

    def _written(self, tx: Tx, answers: list[Answer], flying: int) -> tuple[list[Departure], datetime | None]:
        at = self.clock.now()
        self._until = at + self.lease
        self._conclude_all(tx, answers, at)
        posts = self._intend(tx, at, free=self.threads - flying) if self._running else []
        if posts:
            self._reached = installation.reached(tx)
        idle = self._running and not (posts or flying or self.stock)
        wake = deliveries.next_wake(tx, self._id, at=at, repeatable=self._repeatable(at)) if idle else None
        return posts, wake

    def _goes_on(self, wake: datetime | None) -> bool:
        if not self._running:
            return False
        left = self.wait.left(self.clock.now())
        if left:
            self.clock.sleep(self._nap(left.total_seconds()))
            return left <= _PATIENCE
        if self.stock:
            self.clock.sleep(self._nap(self._until_permit))
            return True
        now = self.clock.now()
        if wake is None or wake - now > _PATIENCE:
            return False
        self.clock.sleep(self._nap((wake - now).total_seconds()))
        return True

    def _nap(self, seconds: float) -> float:
        return min(max(seconds, _SHORTEST_NAP_SECONDS), _LONGEST_NAP_SECONDS)

    # --- claims and intents -----------------------------------------------------------------------

    def _intend(self, tx: Tx, at: datetime, *, free: int) -> list[Departure]:
        guard = self._guard(tx, at)
        if guard is None:
            self._running = False
            return []
        if self.wait.left(at):
            return []
        self.stock.refresh(tx, self._id, at=at, repeatable=self._repeatable(at))
        wanted = min(free, len(self.stock))
        if wanted <= 0:
            return []
        now = self.clock.now()
        delays, self._until_permit = pacing.take(
            tx,
            provider=self.provider.name,
            per_second=self.per_second,
            now=now.timestamp(),
            wanted=wanted,
        )
        batch = self.stock.take(len(delays))
        leaves = {
            handovers.number(each.delivery): now + timedelta(seconds=delay)
            for each, delay in zip(batch, delays, strict=True)
        }
        guards.lock_people(tx, [each.delivery.contact_id for each in batch], asks=guard.asks)
        if batch:
            full_disk("full-at-intent")
        leaving = self._leaving(tx, batch, guard, at)
        return [(each, leaves[handovers.number(each.delivery)]) for each in leaving]

    def _guard(self, tx: Tx, at: datetime) -> Guard | None:
        """What must hold now; None when the send is no longer running."""
        self.send = sends.get(tx, self._id)
        if self.send.state != SendState.SENDING:
            return None
        return Guard(
            send_id=self._id,
            send_epoch=self.send.epoch,
            content_hash=self.snapshot.content_hash,
            topic=self.snapshot.topic,
            members_only=self.send.members_only,
            day=local_date(at, self.send.zone),
            repeatable=self._repeatable(at),
            account=self.account,
            asks=self.send.asks_consent,
        )

    def _repeatable(self, at: datetime) -> Repeatable | None:
        return repeatable(self.provider, at, account=self.account)

    def _leaving(self, tx: Tx, batch: list[Prepared], guard: Guard, at: datetime) -> list[Prepared]:
        """Those whose intent is written; R1: for the others look again, do not send."""
        asked = [(each.delivery, each.hash) for each in batch]
        leaving = handovers.intend(tx, asked, guard=guard, at=at, lease=self.lease)
        for each in batch:
            if each.delivery.id not in leaving:
                stay(tx, each, guards.why_not(tx, each.delivery, guard=guard), at)
        return [each for each in batch if each.delivery.id in leaving]

    # --- answers ----------------------------------------------------------------------------------

    def _conclude_all(self, tx: Tx, answers: list[Answer], at: datetime) -> None:
        answers = outages.told(tx, answers, at=at)
        halts = [result for _, result in answers if isinstance(result, ProviderHalt)]
        # The send is locked before its deliveries, as every act does that changes both.
        guards.lock_send(tx, self._id, exclusive=bool(halts))
        if answers:
            full_disk("full-at-record")
        exclude_unknown(tx, answers, source=self.provider.name, at=at)
        told = [self._told(answer, at) for answer in answers]
        self._write_down(tx, told, at)
        given_back = any(found.state is DeliveryState.PLANNED for _, found, _ in told)
        if given_back and sends.get(tx, self._id).state == SendState.CANCELLED:
            deliveries.cancel_planned(tx, self._id, at=at)
        if halts:
            self._running = False
            sends.pause_running(tx, self._id, reason=note(halts[0]))
            _log.warning("send paused", send=self._id, reason=halts[0].reason)

    def _told(self, answer: Answer, at: datetime) -> Told:
        prepared, result = answer
        if isinstance(result, ProviderHalt):
            return prepared.delivery, *given_back(prepared.delivery, result, at=at)
        lives, doubted = self.provider.caps.idempotency_ttl, prepared.doubted
        found = next_state(prepared.delivery, result, at=at, key_lives=lives, doubted=doubted)
        self.wait.hear(result, at=at, wait=(found.not_before or at) - at)
        return prepared.delivery, found, result

    def _write_down(self, tx: Tx, told: list[Told], at: datetime) -> None:
        changed = handovers.answered(tx, [(delivery, found) for delivery, found, _ in told], at=at)
        for delivery, found, _ in told:
            if delivery.id not in changed and found.state is DeliveryState.ACCEPTED:
                # The lease ended before the answer came: the provider has it all the same.
                deliveries.accept_by_event(
                    tx, handovers.number(delivery), at=at, provider_ref=found.provider_ref
                )
        late = {handovers.number(delivery) for delivery, _, _ in told} - changed
        attempts.conclude(tx, [(delivery, result) for delivery, _, result in told], at=at, late=late)

    # --- the end ----------------------------------------------------------------------------------

    def _land(self, flights: Flights) -> None:
        """Write down what was still in flight; what was claimed and never intended is free for others at once."""
        answers = flights.all_answers()
        if not answers and not self.stock:
            return
        at = self.clock.now()
        with self.store.write() as tx:
            self._conclude_all(tx, answers, at)
            self.stock.empty(tx, at=at)
        self.stock.clear()

    def _tell(self) -> None:
        """Counting reads a row for each person: it takes a fiftieth of the time at most."""
        if self.progress:
            before = time.monotonic()
            with self.store.read() as tx:
                counted = deliveries.counts(tx, self._id)
            self.progress(Progress(sum(counted.get(state, 0) for state in CONCLUDED), self.send.planned))
            now = time.monotonic()
            self._tell_after = now + max(_TELL_EVERY_SECONDS, 50 * (now - before))

    @property
    def _id(self) -> int:
        assert self.send.id is not None
        return self.send.id
