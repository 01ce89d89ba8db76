"""Counts of finished sends, kept: right to the unit or void, never stale.

Triggers of the database void a tally in the transaction that changes what it counts, whoever writes (migration 0018):
no writer can forget it. A reader sees the change and the void tally together, and counts anew. A ledger gains no row
once its send has started, and the triggers do not look at copies under way: a send that has one is not kept.
"""

from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select

from mailer.model.columns import table
from mailer.model.ledger import Delivery, Send, SendState
from mailer.model.tallies import Tally, TallyChange
from mailer.store import fates
from mailer.store.deliveries import UNCONCLUDED
from mailer.store.engine import Tx
from mailer.store.fates import DeliveryCount
from mailer.store.upserts import insert_into

send = table(Send)
delivery = table(Delivery)
tally = table(Tally)
change = table(TallyChange)

#: Nothing is planned or handed over any more; news of providers, erasures and look-ups may still come.
_ENDED = (SendState.DONE.value, SendState.CANCELLED.value)
#: While news stream in, a send is counted anew no more often than this.
RECOUNTED_AFTER = timedelta(minutes=10)
#: The class of the advisory locks; the triggers share them.
_LOCKS = 7315


def counts(tx: Tx, send_ids: Sequence[int]) -> dict[int, list[DeliveryCount]]:
    """Send -> its counts at this moment: kept ones where they hold, else counted anew."""
    kept = held(tx, send_ids)
    others = [each for each in send_ids if each not in kept]
    return {**kept, **fates.count(tx, others)} if others else kept


def held(tx: Tx, send_ids: Sequence[int]) -> dict[int, list[DeliveryCount]]:
    """Send -> its kept counts, of those that hold at this moment."""
    rows = tx.execute(
        select(tally.c.send_id, tally.c.counts).where(tally.c.send_id.in_(send_ids), ~_is_void())
    )
    return {row.send_id: [DeliveryCount(*each) for each in row.counts] for row in rows}


def due(tx: Tx, *, at: datetime, limit: int) -> list[int]:
    """Ended sends without a tally that holds, the latest first; not those of which a copy is still under way."""
    wanted = or_(tally.c.send_id.is_(None), _is_void() & (tally.c.counted_at <= at - RECOUNTED_AFTER))
    found = select(send.c.id).select_from(send.outerjoin(tally, tally.c.send_id == send.c.id))
    under_way = delivery.c.state.in_([each.value for each in UNCONCLUDED])
    copies = exists(select(delivery.c.id).where(delivery.c.send_id == send.c.id, under_way))
    found = found.where(send.c.state.in_(_ENDED), send.c.started_at.isnot(None), wanted, ~copies)
    return list(tx.execute(found.order_by(send.c.id.desc()).limit(limit)).scalars())


def keep(tx: Tx, send_id: int, *, at: datetime) -> bool:
    """Count a send and keep it; whether it was done. Not while a copy of it is under way, or is being changed beside this.

    In a transaction of its own, which has changed no delivery.
    """
    if not _is_alone(tx, send_id):
        return False
    counted = fates.count(tx, [send_id])[send_id]
    if any(each.state in UNCONCLUDED for each in counted):
        return False
    values = {"counted_at": at, "counts": [list(astuple(each)) for each in counted]}
    new = insert_into(tx, tally).values(send_id=send_id, **values)
    tx.execute(new.on_conflict_do_update(index_elements=["send_id"], set_=values))
    tx.execute(change.delete().where(change.c.send_id == send_id))
    return True


def _is_void() -> ColumnElement[bool]:
    return exists(select(change.c.id).where(change.c.send_id == tally.c.send_id))


def _is_alone(tx: Tx, send_id: int) -> bool:
    """On PostgreSQL: nobody has changed a copy of the send and not committed yet, and nobody does before our commit."""
    if tx.dialect.name != "postgresql":
        return True
    return bool(tx.execute(select(func.pg_try_advisory_xact_lock(_LOCKS, send_id))).scalar_one())
