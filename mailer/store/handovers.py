"""The two writes of every hand-over: the intent before, the answer after.

Each statement is built once and filled in for all deliveries of a turn together: building a dozen conditions costs ten
times their execution, and what a call of its own costs around the driver costs as much again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Boolean, Select, Update, bindparam, case, func, or_, select

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
    #: Whether the attempt was one: after what never left, or what no mail was to blame for, the day of retries begins anew.
    counts: bool = True


def intend(
    tx: Tx, batch: Sequence[tuple[Delivery, str]], *, guard: Guard, at: datetime, lease: timedelta
) -> set[int]:
    """R1: the intents to hand over claimed deliveries, each with the hash of its request; the numbers of those that may leave.

    Every guard is in the statement that writes the intent. The attempts are written in the same transaction; all of it
    must be committed before the first byte leaves.
    """
    mine = _held(tx, [claimed for claimed, _ in batch], DeliveryState.CLAIMED)
    claims = [(claimed, its_hash) for claimed, its_hash in batch if claimed.id in mine]
    if not claims:
        return set()
    shared = {"now": at, "leased_until": at + lease, **guard.values}
    statement = _intent(
        members_only=guard.members_only, repeats=guard.repeatable is not None, asks=guard.asks
    )
    values = [{**_claim(claimed), "its_hash": its_hash, **shared} for claimed, its_hash in claims]
    changed = tx.execute(statement, values).rowcount
    claimed = [each for each, _ in claims]
    leaving = mine if changed == len(claims) else _held(tx, claimed, DeliveryState.POSTING)
    attempts.begin(tx, [each for each in claimed if each.id in leaving], account=guard.account, at=at)
    return leaving


def _claim(claimed: Delivery) -> dict[str, Any]:
    return {"its_id": claimed.id, "its_epoch": claimed.epoch, "its_owner": claimed.owner}


def number(row: Delivery) -> int:
    """The id of a delivery that is in the ledger."""
    assert row.id is not None
    return row.id


def _held(tx: Tx, batch: Sequence[Delivery], state: DeliveryState) -> set[int]:
    """Those in that state, still under the claim by which they are known here; locked until the commit."""
    if not batch:
        return set()
    epochs = {number(each): each.epoch for each in batch}
    found = tx.execute(_in_state(), {"ids": sorted(epochs), "its_state": state.value})
    return {row.id for row in found if row.epoch == epochs[row.id]}


@cache
def _in_state() -> Select[int, int]:
    among = delivery.c.id.in_(bindparam("ids", expanding=True))
    there = select(delivery.c.id, delivery.c.epoch).where(among, delivery.c.state == bindparam("its_state"))
    return there.order_by(delivery.c.id).with_for_update()


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


def answered(tx: Tx, answers: Sequence[tuple[Delivery, Next]], *, at: datetime) -> set[int]:
    """What the provider's answers make of posted deliveries, each within its claim's epoch only; the numbers of those changed.

    A late answer never undoes what a webhook has already told.
    """
    waiting = _held(tx, [posted for posted, _ in answers], DeliveryState.POSTING)
    told = sorted(
        ((posted, found) for posted, found in answers if posted.id in waiting),
        key=lambda each: number(each[0]),
    )
    if told:
        tx.execute(_answer(), [_written(posted, found, at) for posted, found in told])
    return waiting


def _written(posted: Delivery, found: Next, at: datetime) -> dict[str, Any]:
    return {
        "its_id": posted.id,
        "its_epoch": posted.epoch,
        "new_state": found.state.value,
        "new_reason": found.reason,
        "waits_until": found.not_before,
        "doubted_since": found.in_doubt_since,
        "new_ref": found.provider_ref,
        "not_counted": not found.counts,
        "may_differ": found.state is DeliveryState.PLANNED and found.in_doubt_since is None,
        "tried_before": posted.first_attempt_at if posted.in_doubt_since else None,
        "done_at": None if found.state in _UNCONCLUDED else at,
    }


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
        # Only what may have been taken must be repeated byte for byte: the address of our pages may change meanwhile.
        request_hash=case((bindparam("may_differ", type_=Boolean), ""), else_=delivery.c.request_hash),
        first_attempt_at=case(
            (bindparam("not_counted", type_=Boolean), bindparam("tried_before", type_=Instant)),
            else_=delivery.c.first_attempt_at,
        ),
    )
