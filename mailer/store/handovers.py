"""The two writes of every hand-over: the intent before, the answer after.

Each statement is built once and filled in for each delivery: building a dozen conditions costs ten times their
execution.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Update, bindparam, func, or_

from mailer.model.columns import Instant, table
from mailer.model.ledger import Delivery, DeliveryState
from mailer.store import attempts
from mailer.store.engine import Tx
from mailer.store.guards import Guard, conditions

delivery = table(Delivery)
_UNCONCLUDED = (DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.POSTING)


@dataclass(frozen=True, slots=True)
class Next:
    """What to write of one delivery after one attempt."""

    state: DeliveryState
    reason: str = ""
    not_before: datetime | None = None
    in_doubt_since: datetime | None = None
    provider_ref: str | None = None


def intend(
    tx: Tx, claimed: Delivery, *, guard: Guard, request_hash: str, at: datetime, lease: timedelta
) -> bool:
    """R1: the intent to hand one delivery over, with every guard in the same statement; False: do not send.

    The attempt is written in the same transaction; both must be committed before the first byte leaves.
    """
    values = {
        "its_id": claimed.id,
        "its_epoch": claimed.epoch,
        "its_owner": claimed.owner,
        "its_hash": request_hash,
        "now": at,
        "leased_until": at + lease,
        **guard.values,
    }
    statement = _intent(
        members_only=guard.members_only, repeats=guard.repeatable_after is not None, asks=guard.asks
    )
    if tx.execute(statement, values).rowcount != 1:
        return False
    assert claimed.id is not None
    attempts.begin(tx, delivery_id=claimed.id, n=claimed.attempts + 1, epoch=claimed.epoch, at=at)
    return True


@cache
def _intent(*, members_only: bool, repeats: bool, asks: bool) -> Update:
    now = bindparam("now", type_=Instant)
    held = delivery.update().where(
        delivery.c.id == bindparam("its_id"),
        delivery.c.epoch == bindparam("its_epoch"),
        delivery.c.owner == bindparam("its_owner"),
        delivery.c.state == DeliveryState.CLAIMED.value,
        delivery.c.lease_until > now,
        or_(delivery.c.request_hash == "", delivery.c.request_hash == bindparam("its_hash")),
        *conditions(members_only=members_only, repeats=repeats, asks=asks),
    )
    return held.values(
        state=DeliveryState.POSTING.value,
        attempts=delivery.c.attempts + 1,
        first_attempt_at=func.coalesce(delivery.c.first_attempt_at, now),
        lease_until=bindparam("leased_until", type_=Instant),
        request_hash=bindparam("its_hash"),
    )


def answered(tx: Tx, posted: Delivery, found: Next, *, at: datetime) -> bool:
    """What the provider's answer makes of a posted delivery, within this claim's epoch only; whether it happened.

    A late answer never undoes what a webhook has already told.
    """
    values = {
        "its_id": posted.id,
        "its_epoch": posted.epoch,
        "new_state": found.state.value,
        "new_reason": found.reason,
        "waits_until": found.not_before,
        "doubted_since": found.in_doubt_since,
        "new_ref": found.provider_ref,
        "done_at": None if found.state in _UNCONCLUDED else at,
    }
    return tx.execute(_answer(), values).rowcount == 1


@cache
def _answer() -> Update:
    held = delivery.update().where(
        delivery.c.id == bindparam("its_id"),
        delivery.c.epoch == bindparam("its_epoch"),
        delivery.c.state == DeliveryState.POSTING.value,
    )
    return held.values(
        state=bindparam("new_state"),
        owner="",
        lease_until=None,
        reason=bindparam("new_reason"),
        not_before=bindparam("waits_until"),
        in_doubt_since=bindparam("doubted_since"),
        provider_ref=bindparam("new_ref"),
        concluded_at=bindparam("done_at"),
    )
