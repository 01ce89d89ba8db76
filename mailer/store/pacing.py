"""The shared rate limit: one row per provider, so that every thread, process and machine keeps to one pace.

GCRA (the virtual scheduling of ITU-T I.371): `tat` is the theoretical arrival time of the next message. Never "send R, then sleep a second": permits are
given for the present moment only, with a tolerance of 20 ms, so that the busiest second exceeds the rate by at most 2 %.
"""

from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.ledger import Pacer
from mailer.store.engine import Tx
from mailer.store.upserts import insert_new

pacer = table(Pacer)
TOLERANCE_SECONDS = 0.02


def take(tx: Tx, *, provider: str, per_second: float, now: float, wanted: int) -> tuple[int, float]:
    """Up to `wanted` permits for now, and the seconds until the next one; `now` in seconds since the epoch.

    Call it in the write transaction of the intents: the row's lock makes the pace common.
    """
    held = select(pacer.c.tat).where(pacer.c.provider == provider).with_for_update()
    before = tx.execute(held).scalar_one_or_none()
    if before is None:
        insert_new(tx, pacer, {"provider": provider, "tat": 0.0})
        before = tx.execute(held).scalar_one()
    given, wait, tat = permits(tat=before, now=now, per_second=per_second, wanted=wanted)
    if given:
        tx.execute(pacer.update().where(pacer.c.provider == provider).values(tat=tat))
    return given, wait


def permits(*, tat: float, now: float, per_second: float, wanted: int) -> tuple[int, float, float]:
    """How many may go now, the seconds until the next one, and the new theoretical arrival time."""
    interval = 1.0 / per_second
    # A clock set back must not silence the sender: nobody is owed more than one interval and the tolerance.
    tat = min(max(tat, now - TOLERANCE_SECONDS), now + interval + TOLERANCE_SECONDS)
    given = 0
    while given < wanted and tat <= now:
        tat += interval
        given += 1
    return given, max(0.0, tat - now), tat
