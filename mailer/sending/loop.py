"""How one process hands over one send: a few threads post, one writes.

Each turn of the loop is one short transaction: conclude what was answered, claim what comes next, take permits of the
shared pace, write the intents. Only when it is committed do those messages leave. So the intents that share a commit
are never more than the requests in flight, and the database has one writer per process.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from mailer.clock import Clock, local_date
from mailer.errors import InputError, ProviderHalt, StoreConflict
from mailer.failpoints import failpoint, full_disk
from mailer.i18n import note
from mailer.model.ledger import Delivery, DeliveryState, Send, SendState, Snapshot
from mailer.providers import Provider
from mailer.sending.copies import CopyRoom, attempt_key, request_hash
from mailer.sending.excluding import exclude_unknown
from mailer.sending.flights import Answer, Flights, Prepared
from mailer.sending.outcomes import given_back, next_state, repeatable_after
from mailer.sending.progress import CONCLUDED, Progress
from mailer.sending.waiting import Wait
from mailer.store import Store, Tx, attempts, deliveries, guards, handovers, installation, pacing, sends
from mailer.store.guards import Guard
from mailer.store.installation import Mark, Reached

_log = structlog.get_logger()
#: Claimed copies wait with their bytes, a hundred kilobytes each.
_CLAIMED_AT_ONCE = 48
#: A retry or a lease that ends within this time is waited for; a later one is left to the next run.
_PATIENCE = timedelta(seconds=150)
_SHORTEST_NAP_SECONDS, _LONGEST_NAP_SECONDS = 0.001, 0.5
_PROGRESS_EVERY = 50
#: A turn that the database undid in favour of somebody else's (a deadlock) is tried again so many times.
_TRIES = 5
#: A doubt that may not be handed over again is not looked at for so long.
_LEFT_ALONE = timedelta(hours=1)


@dataclass(slots=True)
class Loop:
    """One run over one send; not shared between threads."""

    send: Send
    snapshot: Snapshot
    store: Store
    provider: Provider
    copies: CopyRoom
    clock: Clock
    stopping: threading.Event
    owner: str
    threads: int
    per_second: float
    lease: timedelta
    mark: Mark
    wait: Wait
    progress: Callable[[Progress], None] | None = None
    _ready: deque[Prepared] = field(default_factory=deque)
    _running: bool = True
    _until_permit: float = 0.0
    _reached: Reached = (0, 0)
    #: When the leases of the latest intents end.
    _until: datetime = field(init=False)
    _turns: int = 0

    def run(self) -> None:
        """Until nothing is left to hand over now, or the send is paused, halted or asked to stop."""
        with ThreadPoolExecutor(self.threads, thread_name_prefix="hand-over") as pool:
            flights = Flights(pool, self.provider, self.clock)
            try:
                while self._turn(flights):
                    pass
            finally:
                self._land(flights)

    def _turn(self, flights: Flights) -> bool:
        """One transaction; False when this run is over."""
        answers = flights.answers(patience=self._patience(flights))
        self._running = self._running and not self.stopping.is_set()
        posts, wake = self._write(answers, len(flights))
        flights.landed()
        if answers:
            failpoint("after-accepted")
        if posts:
            self.mark.raise_to(self._reached)
            failpoint("after-intent")
        flights.start(posts, until=self._until)
        self._tell(flights)
        return bool(flights) or self._goes_on(wake)

    def _patience(self, flights: Flights) -> float | None:
        """How long to wait for an answer: as long as it takes where there is nothing else to do."""
        waits = bool(self.wait.left(self.clock.now()))
        idle = len(flights) >= self.threads or not self._ready or not self._running or waits
        return None if idle else max(self._nap(self._until_permit), _SHORTEST_NAP_SECONDS)

    def _write(self, answers: list[Answer], flying: int) -> tuple[list[Prepared], datetime | None]:
        for tried in range(_TRIES):
            before = list(self._ready)
            try:
                with self.store.write() as tx:
                    return self._written(tx, answers, flying)
            except StoreConflict:
                self._ready = deque(before)
                if tried == _TRIES - 1:
                    raise
        raise AssertionError("the last try returned or raised")

    def _written(self, tx: Tx, answers: list[Answer], flying: int) -> tuple[list[Prepared], datetime | None]:
        at = self.clock.now()
        self._until = at + self.lease
        self._conclude_all(tx, answers, at)
        posts = self._intend(tx, at, free=self.threads - flying) if self._running else []
        if posts:
            self._reached = installation.reached(tx)
        idle = self._running and not (posts or flying or self._ready)
        wake = deliveries.next_wake(tx, self._id, at=at, repeatable_after=self._oldest(at)) if idle else None
        return posts, wake

    def _goes_on(self, wake: datetime | None) -> bool:
        if not self._running:
            return False
        left = self.wait.left(self.clock.now())
        if left:
            self.clock.sleep(self._nap(left.total_seconds()))
            return left <= _PATIENCE
        if self._ready:
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

    def _intend(self, tx: Tx, at: datetime, *, free: int) -> list[Prepared]:
        guard = self._guard(tx, at)
        if guard is None:
            self._running = False
            return []
        if self.wait.left(at):
            return []
        self._drop_lapsed(tx, at)
        self._claim(tx, at)
        wanted = min(free, len(self._ready))
        if wanted <= 0:
            return []
        given, self._until_permit = pacing.take(
            tx, provider=self.provider.name, per_second=self.per_second, now=at.timestamp(), wanted=wanted
        )
        batch = [self._ready.popleft() for _ in range(given)]
        guards.lock_people(tx, [each.delivery.contact_id for each in batch], asks=guard.asks)
        if batch:
            full_disk("full-at-intent")
        return [each for each in batch if self._may_leave(tx, each, guard, at)]

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
            repeatable_after=self._oldest(at),
            asks=self.send.asks_consent,
        )

    def _drop_lapsed(self, tx: Tx, at: datetime) -> None:
        """Claims whose lease ended while they waited for a permit are anybody's; no permit is spent on them."""
        while self._ready and (until := self._ready[0].delivery.lease_until) is not None and until <= at:
            self._stay(tx, self._ready.popleft(), None, at)

    def _claim(self, tx: Tx, at: datetime) -> None:
        """Keep a small stock: what the pace lets go within half a lease, so that claims seldom lapse unused."""
        within_lease = int(self.per_second * self.lease.total_seconds() / 2)
        stock = max(1, min(_CLAIMED_AT_ONCE, within_lease))
        if len(self._ready) >= min(self.threads, stock):
            return
        deliveries.release_lapsed(tx, self._id, at=at)
        claimed = deliveries.claim(
            tx,
            self._id,
            owner=self.owner,
            at=at,
            lease=self.lease,
            limit=stock - len(self._ready),
            doubts_first_tried_after=self._oldest(at),
        )
        for delivery in claimed:
            self._prepare(tx, delivery, at)
        if claimed:
            failpoint("after-claim")

    def _prepare(self, tx: Tx, delivery: Delivery, at: datetime) -> None:
        try:
            message = self.copies.message(delivery)
        except InputError as error:  # one person's values make no mail: that keeps nobody else from theirs
            _log.warning("copy cannot be made", delivery=delivery.id, reason=str(error))
            deliveries.refuse_unwritable(tx, delivery, at=at)
            return
        key = attempt_key(delivery, n=self._first_attempt(tx, delivery))
        self._ready.append(Prepared(delivery, message, request_hash(message), key))

    def _first_attempt(self, tx: Tx, delivery: Delivery) -> int:
        """The number of the attempt that this one repeats; its own where there is no doubt to repeat."""
        assert delivery.id is not None
        since, own = delivery.in_doubt_since, delivery.attempts + 1
        first = attempts.first_unclear(tx, delivery.id, doubtful_since=since) if since else None
        return first or own

    def _oldest(self, at: datetime) -> datetime | None:
        return repeatable_after(self.provider, at)

    def _may_leave(self, tx: Tx, prepared: Prepared, guard: Guard, at: datetime) -> bool:
        delivery = prepared.delivery
        if handovers.intend(tx, delivery, guard=guard, request_hash=prepared.hash, at=at, lease=self.lease):
            return True
        self._stay(tx, prepared, guards.why_not(tx, delivery, guard=guard), at)
        return False

    def _stay(self, tx: Tx, prepared: Prepared, reason: str | None, at: datetime) -> None:
        """R1: row count 0 means look again, do not send. A doubt once had stays a doubt (R4)."""
        delivery = prepared.delivery
        assert delivery.id is not None
        changed = delivery.request_hash not in {"", prepared.hash}
        doubtful = changed or delivery.in_doubt_since is not None
        reason = reason or ("bytes-changed" if changed else "")
        state = DeliveryState.EXCLUDED if reason else DeliveryState.PLANNED
        deliveries.conclude(
            tx,
            delivery.id,
            epoch=delivery.epoch,
            expected=DeliveryState.CLAIMED,
            state=DeliveryState.IN_DOUBT if doubtful else state,
            at=at,
            reason=reason,
            in_doubt_since=(delivery.in_doubt_since or at) if doubtful else None,
            not_before=at + _LEFT_ALONE if doubtful and reason else None,
        )

    # --- answers ----------------------------------------------------------------------------------

    def _conclude_all(self, tx: Tx, answers: list[Answer], at: datetime) -> None:
        halts = [result for _, result in answers if isinstance(result, ProviderHalt)]
        # The send is locked before its deliveries, as every act does that changes both.
        guards.lock_send(tx, self._id, exclusive=bool(halts))
        if answers:
            full_disk("full-at-record")
        exclude_unknown(tx, answers, source=self.provider.name, at=at)
        given_back = [answer for answer in answers if self._conclude(tx, answer, at) is DeliveryState.PLANNED]
        if given_back and sends.get(tx, self._id).state == SendState.CANCELLED:
            deliveries.cancel_planned(tx, self._id, at=at)
        if halts:
            self._running = False
            sends.pause_running(tx, self._id, reason=note(halts[0]))
            _log.warning("send paused", send=self._id, reason=halts[0].reason)

    def _conclude(self, tx: Tx, answer: Answer, at: datetime) -> DeliveryState:
        prepared, result = answer
        delivery = prepared.delivery
        assert delivery.id is not None
        if isinstance(result, ProviderHalt):
            found, result = given_back(delivery, result, at=at)
        else:
            found = next_state(delivery, result, at=at, key_lives=self.provider.caps.idempotency_ttl)
            self.wait.hear(result, at=at, wait=(found.not_before or at) - at)
        if not handovers.answered(tx, delivery, found, at=at) and found.state is DeliveryState.ACCEPTED:
            # The lease ended before the answer came: the provider has it all the same.
            deliveries.accept_by_event(tx, delivery.id, at=at, provider_ref=found.provider_ref)
        attempts.conclude(tx, delivery_id=delivery.id, n=delivery.attempts + 1, result=result, at=at)
        return found.state

    # --- the end ----------------------------------------------------------------------------------

    def _land(self, flights: Flights) -> None:
        """Write down what was still in flight; what was claimed and never intended is free for others at once."""
        answers = flights.all_answers()
        if not answers and not self._ready:
            return
        at = self.clock.now()
        with self.store.write() as tx:
            self._conclude_all(tx, answers, at)
            for prepared in self._ready:
                self._stay(tx, prepared, None, at)
        self._ready.clear()

    def _tell(self, flights: Flights) -> None:
        self._turns += 1
        if self.progress and (self._turns % _PROGRESS_EVERY == 1 or not flights):
            with self.store.read() as tx:
                counted = deliveries.counts(tx, self._id)
            self.progress(Progress(sum(counted.get(state, 0) for state in CONCLUDED), self.send.planned))

    @property
    def _id(self) -> int:
        assert self.send.id is not None
        return self.send.id
