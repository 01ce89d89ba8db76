"""The copies that one sender has claimed and made, and that wait for a permit of the pace."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from mailer.errors import InputError
from mailer.failpoints import failpoint
from mailer.model.ledger import Delivery, DeliveryState
from mailer.sending.copies import CopyRoom, attempt_key, request_hash
from mailer.sending.flights import Prepared
from mailer.store import Tx, attempts, claims, deliveries
from mailer.store.attempts import Repeatable
from mailer.store.guards import SENT_AGAIN

_log = structlog.get_logger()
#: A copy has a hundred kilobytes: no more of them wait at once, or as many as threads post.
_MOST = 32
#: So many are made in one transaction: whoever waits for a permit is not kept longer than the pace forgives.
_AT_ONCE = 16
#: A doubt that may not be handed over again is not looked at for so long.
_LEFT_ALONE = timedelta(hours=1)


@dataclass(slots=True)
class Stock:
    """Claimed copies of one send, in the order of their ids."""

    copies: CopyRoom
    owner: str
    lease: timedelta
    threads: int
    per_second: float
    #: The last claim gave all that was asked for: there may be more.
    may_grow: bool = False
    _ready: deque[Prepared] = field(default_factory=deque)

    def __len__(self) -> int:
        return len(self._ready)

    def kept(self) -> tuple[Prepared, ...]:
        """What is there, for `put_back` after a transaction that was undone."""
        return tuple(self._ready)

    def put_back(self, kept: Iterable[Prepared]) -> None:
        self._ready = deque(kept)

    def take(self, count: int) -> list[Prepared]:
        """The first `count`."""
        return [self._ready.popleft() for _ in range(count)]

    def refresh(self, tx: Tx, send_id: int, *, at: datetime, repeatable: Repeatable | None) -> None:
        """Give up the claims that lapsed, and claim some more where few are left."""
        self._drop_lapsed(tx, at)
        missing = min(self._size - len(self._ready), _AT_ONCE)
        if missing < min(self._size, _AT_ONCE) / 2:
            return
        claims.release_lapsed(tx, send_id, at=at)
        claimed = claims.claim(
            tx,
            send_id,
            owner=self.owner,
            at=at,
            lease=self.lease,
            limit=missing,
            repeatable=repeatable,
        )
        self.may_grow = len(claimed) == missing
        for delivery in claimed:
            self._prepare(tx, delivery, at)
        if claimed:
            failpoint("after-claim")

    def empty(self, tx: Tx, *, at: datetime) -> None:
        """What was claimed and never intended is free for others at once."""
        for prepared in self._ready:
            stay(tx, prepared, None, at)

    def clear(self) -> None:
        """Once `empty` is committed."""
        self._ready.clear()

    @property
    def _size(self) -> int:
        """What the pace lets go within half a lease, so that claims seldom lapse unused."""
        within_lease = int(self.per_second * self.lease.total_seconds() / 2)
        return max(1, min(max(_MOST, self.threads), within_lease))

    def _drop_lapsed(self, tx: Tx, at: datetime) -> None:
        """Claims that lapsed while they waited for a permit are anybody's; no permit is spent on them.

        Each is looked at: where a clock was set back, the first may have the longest lease.
        """
        for prepared in self.kept():
            if claims.has_lapsed(prepared.delivery, at=at):
                self._ready.remove(prepared)
                stay(tx, prepared, None, at)

    def _prepare(self, tx: Tx, delivery: Delivery, at: datetime) -> None:
        try:
            message = self.copies.message(delivery)
        except InputError as error:  # one person's values make no mail: that keeps nobody else from theirs
            _log.warning("copy cannot be made", delivery=delivery.id, reason=str(error))
            deliveries.refuse_unwritable(tx, delivery, at=at)
            return
        number, began = _first_attempt(tx, delivery)
        key = attempt_key(delivery, n=number)
        self._ready.append(Prepared(delivery, message, request_hash(message), key, began))


def _first_attempt(tx: Tx, delivery: Delivery) -> tuple[int, datetime | None]:
    """The number of the attempt that this one repeats, and when it began; its own where there is no doubt to repeat."""
    assert delivery.id is not None
    first = attempts.first_unclear(tx, delivery.id) if delivery.in_doubt_since else None
    return first or (delivery.attempts + 1, None)


def stay(tx: Tx, prepared: Prepared, reason: str | None, at: datetime) -> None:
    """R1: a row that no intent was written for is looked at again, not sent. A doubt once had stays a doubt (R4), and what
    a person lets leave once more waits for its attempt."""
    delivery = prepared.delivery
    assert delivery.id is not None
    changed = delivery.request_hash not in {"", prepared.hash}
    reason = reason or ("bytes-changed" if changed else "")
    released = delivery.reason == SENT_AGAIN and not reason
    doubtful = changed or delivery.in_doubt_since is not None
    state = DeliveryState.EXCLUDED if reason else DeliveryState.PLANNED
    deliveries.conclude(
        tx,
        delivery.id,
        epoch=delivery.epoch,
        expected=DeliveryState.CLAIMED,
        state=DeliveryState.IN_DOUBT if doubtful and not released else state,
        at=at,
        reason=SENT_AGAIN if released else reason,
        in_doubt_since=(delivery.in_doubt_since or at) if doubtful else None,
        not_before=at + _LEFT_ALONE if doubtful and reason else None,
    )
