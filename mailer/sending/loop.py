"""How one process hands over one send: a few threads post, one writes.

Each turn of the loop is one short transaction: conclude what was answered, claim what comes next, take permits of the
shared pace, write the intents. Only when it is committed do those messages leave. So the intents that share a commit
are never more than the requests in flight, and the database has one writer per process.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import structlog

from mailer.clock import Clock
from mailer.errors import ProviderHalt
from mailer.model.ledger import Delivery, DeliveryState, Send, SendState, Snapshot
from mailer.model.mail import Message, SendResult, Status
from mailer.providers import Provider
from mailer.sending.copies import CopyRoom, request_hash
from mailer.sending.failpoints import failpoint
from mailer.sending.outcomes import next_state
from mailer.sending.progress import CONCLUDED, Progress
from mailer.store import Store, Tx, attempts, deliveries, pacing, sends
from mailer.store.deliveries import Guard

_log = structlog.get_logger()
_CLAIMED_AT_ONCE = 200
#: A retry or a lease that ends within this time is waited for; a later one is left to the next run.
_PATIENCE = timedelta(seconds=150)
_LONGEST_NAP_SECONDS = 0.5
_PROGRESS_EVERY = 50
#: A provider that takes the same key once for ever (class A without a limit).
_FOR_EVER = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A claimed delivery with its bytes."""

    delivery: Delivery
    message: Message
    hash: str


Answer = tuple[Prepared, SendResult | ProviderHalt]


@dataclass(slots=True)
class Loop:
    """One run over one send; not shared between threads but for its posts."""

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
    progress: Callable[[Progress], None] | None = None
    _ready: deque[Prepared] = field(default_factory=deque)
    _flying: dict[Future[Answer], Prepared] = field(default_factory=dict)
    _halt: ProviderHalt | None = None
    _running: bool = True
    _until_permit: float = 0.0
    _turns: int = 0

    def run(self) -> None:
        """Until nothing is left to hand over now, or the send is paused, halted or asked to stop."""
        with ThreadPoolExecutor(self.threads, thread_name_prefix="hand-over") as pool:
            try:
                while self._turn(pool):
                    pass
            finally:
                self._give_back()

    def _turn(self, pool: ThreadPoolExecutor) -> bool:
        """One transaction; False when this run is over."""
        answers = self._answers()
        self._running = self._running and self._halt is None and not self.stopping.is_set()
        with self.store.write() as tx:
            at = self.clock.now()
            for answer in answers:
                self._conclude(tx, answer, at)
            posts = self._intend(tx, at) if self._running else []
            wake = None if posts or self._flying or self._ready else deliveries.next_wake(tx, self._id)
        if answers:
            failpoint("after-accepted")
        if posts:
            failpoint("after-intent")
        for prepared in posts:
            self._flying[pool.submit(self._post, prepared)] = prepared
        self._tell()
        return self._goes_on(wake)

    def _goes_on(self, wake: datetime | None) -> bool:
        if self._flying:
            return True
        if not self._running:
            return False
        if self._ready:
            self.clock.sleep(min(self._until_permit, _LONGEST_NAP_SECONDS))
            return True
        if wake is None or wake - self.clock.now() > _PATIENCE:
            return False
        self.clock.sleep(min(max((wake - self.clock.now()).total_seconds(), 0.01), _LONGEST_NAP_SECONDS))
        return True

    # --- claims and intents -----------------------------------------------------------------------

    def _intend(self, tx: Tx, at: datetime) -> list[Prepared]:
        guard = self._guard(tx, at)
        if guard is None:
            self._running = False
            return []
        if len(self._ready) < self.threads:
            self._claim(tx, at)
        wanted = min(self.threads - len(self._flying), len(self._ready))
        if wanted <= 0:
            return []
        given, self._until_permit = pacing.take(
            tx, provider=self.provider.name, per_second=self.per_second, now=at.timestamp(), wanted=wanted
        )
        batch = [self._ready.popleft() for _ in range(given)]
        deliveries.lock_for_intent(tx, guard, [each.delivery.contact_id for each in batch])
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
            day=at.date(),
        )

    def _claim(self, tx: Tx, at: datetime) -> None:
        deliveries.release_lapsed(tx, self._id, at=at)
        claimed = deliveries.claim(
            tx,
            self._id,
            owner=self.owner,
            at=at,
            lease=self.lease,
            limit=_CLAIMED_AT_ONCE,
            doubts_first_tried_after=self._oldest_repeatable(at),
        )
        for delivery in claimed:
            message = self.copies.message(delivery)
            self._ready.append(Prepared(delivery, message, request_hash(message)))
        if claimed:
            failpoint("after-claim")

    def _oldest_repeatable(self, at: datetime) -> datetime | None:
        ttl = self.provider.caps.idempotency_ttl
        if ttl is None:
            return None
        return at - ttl if ttl < _FOR_EVER else datetime(1970, 1, 1, tzinfo=UTC)

    def _may_leave(self, tx: Tx, prepared: Prepared, guard: Guard, at: datetime) -> bool:
        delivery = prepared.delivery
        if deliveries.intend(tx, delivery, guard=guard, request_hash=prepared.hash, at=at, lease=self.lease):
            return True
        self._stay(tx, prepared, deliveries.why_not(tx, delivery, guard=guard), at)
        return False

    def _stay(self, tx: Tx, prepared: Prepared, reason: str | None, at: datetime) -> None:
        """R1: row count 0 means look again, do not send. A doubt once had stays a doubt (R4)."""
        delivery = prepared.delivery
        assert delivery.id is not None
        doubtful = delivery.in_doubt_since is not None
        changed = delivery.request_hash not in {"", prepared.hash}
        if reason is None and not changed:
            state, reason = DeliveryState.PLANNED, ""
        else:
            state, reason = DeliveryState.EXCLUDED, reason or "bytes-changed"
        if doubtful or changed:
            state = DeliveryState.IN_DOUBT
        deliveries.conclude(
            tx,
            delivery.id,
            epoch=delivery.epoch,
            expected=DeliveryState.CLAIMED,
            state=state,
            at=at,
            reason=reason,
            in_doubt_since=delivery.in_doubt_since or (at if changed else None),
            # Long after the lease: whoever looks into it comes first.
            not_before=at + timedelta(days=1) if state is DeliveryState.IN_DOUBT else None,
        )

    # --- posts and answers ------------------------------------------------------------------------

    def _post(self, prepared: Prepared) -> Answer:
        try:
            result = self.provider.send([prepared.message], attempt_key=uuid4())[0]
        except ProviderHalt as halt:
            return prepared, halt
        failpoint("after-request")
        return prepared, result

    def _answers(self) -> list[Answer]:
        """What has been answered; waits for the first answer only when there is nothing else to do."""
        if not self._flying:
            return []
        idle = len(self._flying) >= self.threads or not self._ready or not self._running
        patience = None if idle else min(self._until_permit, _LONGEST_NAP_SECONDS)
        done, _ = wait(self._flying, timeout=patience, return_when=FIRST_COMPLETED)
        return [self._answer(future, self._flying.pop(future)) for future in done]

    def _answer(self, future: Future[Answer], prepared: Prepared) -> Answer:
        """R3: whatever an adapter does that its contract does not foresee leaves the delivery in doubt."""
        failure = future.exception()
        if failure is None:
            return future.result()
        _log.error("hand-over failed", delivery=prepared.delivery.id, failure=type(failure).__name__)
        code = type(failure).__name__
        return prepared, SendResult(prepared.message.key, Status.UNKNOWN, code=code)

    def _conclude(self, tx: Tx, answer: Answer, at: datetime) -> None:
        prepared, result = answer
        if isinstance(result, ProviderHalt):
            if self._halt is None:
                self._pause(tx, result)
            result = SendResult(prepared.message.key, Status.RETRY, retry_after=0.0, code=result.reason)
        delivery = prepared.delivery
        assert delivery.id is not None
        found = next_state(delivery, result, at=at)
        deliveries.conclude(
            tx,
            delivery.id,
            epoch=delivery.epoch,
            expected=DeliveryState.POSTING,
            state=found.state,
            at=at,
            reason=found.reason,
            not_before=found.not_before,
            in_doubt_since=found.in_doubt_since,
            provider_ref=found.provider_ref,
        )
        attempts.conclude(tx, delivery_id=delivery.id, n=delivery.attempts + 1, result=result, at=at)

    def _pause(self, tx: Tx, halt: ProviderHalt) -> None:
        self._halt = halt
        self._running = False
        values = {"pause_reason": str(halt), "epoch": self.send.epoch + 1}
        sends.transition(tx, self._id, before=[SendState.SENDING], after=SendState.PAUSED, **values)
        _log.warning("send paused", send=self._id, reason=halt.reason)

    # --- the end ----------------------------------------------------------------------------------

    def _give_back(self) -> None:
        """Deliveries that were claimed and never intended are free for others at once."""
        if not self._ready:
            return
        with self.store.write() as tx:
            for prepared in self._ready:
                self._stay(tx, prepared, None, self.clock.now())
        self._ready.clear()

    def _tell(self) -> None:
        self._turns += 1
        if self.progress and (self._turns % _PROGRESS_EVERY == 1 or not self._flying):
            with self.store.read() as tx:
                counted = deliveries.counts(tx, self._id)
            self.progress(Progress(sum(counted.get(state, 0) for state in CONCLUDED), self.send.planned))

    @property
    def _id(self) -> int:
        assert self.send.id is not None
        return self.send.id
