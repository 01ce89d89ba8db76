"""The shared rate limit: one row per provider, so that every thread, process and machine keeps to one pace.

GCRA (the virtual scheduling of ITU-T I.371): `tat` is the theoretical arrival time of the next message. Never "send R, then sleep
a second": permits are given for the present moment only. The pace is one in a hundred below the rate, and whoever is late may
catch up by a few milliseconds, so that no second of a provider's clock sees more than two in a hundred above it.
"""

from functools import cache
from math import floor

from sqlalchemy import Select, Update, bindparam, select

from mailer.model.columns import table
from mailer.model.ledger import Pacer
from mailer.store.engine import Tx
from mailer.store.upserts import insert_new

pacer = table(Pacer)
#: The interval between two messages, in intervals of the rate.
_STRETCH = 1.01
#: The most that a busy second may hold, in messages of the rate.
_BUSIEST = 1.02
#: Between a permit and its first byte lies a commit, now longer, now shorter.
_UNSTEADY_SECONDS = 0.005
_LEAST_SECONDS, _MOST_SECONDS = 0.005, 0.02


def take(tx: Tx, *, provider: str, per_second: float, now: float, wanted: int) -> tuple[int, float]:
    """Up to `wanted` permits for now, and the seconds until the next one; `now` in seconds since the epoch.

    Call it in the write transaction of the intents: the row's lock makes the pace common.
    """
    before = tx.execute(_held(), {"its_name": provider}).scalar_one_or_none()
    if before is None:
        insert_new(tx, pacer, {"provider": provider, "tat": 0.0})
        before = tx.execute(_held(), {"its_name": provider}).scalar_one()
    given, wait, tat = permits(tat=before, now=now, per_second=per_second, wanted=wanted)
    if given:
        tx.execute(_moved(), {"its_name": provider, "new_tat": tat})
    return given, wait


@cache
def _held() -> Select[float]:
    return select(pacer.c.tat).where(pacer.c.provider == bindparam("its_name")).with_for_update()


@cache
def _moved() -> Update:
    return pacer.update().where(pacer.c.provider == bindparam("its_name")).values(tat=bindparam("new_tat"))


def tolerance_seconds(per_second: float) -> float:
    """How late a message may be without losing its turn: as much as a busy second allows."""
    interval = _STRETCH / per_second
    spare = floor(_BUSIEST * per_second) * interval - 1.0 - _UNSTEADY_SECONDS
    return min(max(spare, _LEAST_SECONDS), _MOST_SECONDS)


def permits(*, tat: float, now: float, per_second: float, wanted: int) -> tuple[int, float, float]:
    """How many may go now, the seconds until the next one, and the new theoretical arrival time."""
    interval, tolerance = _STRETCH / per_second, tolerance_seconds(per_second)
    # A clock set back must not silence the sender: nobody is owed more than one interval and the tolerance.
    tat = min(max(tat, now - tolerance), now + interval + tolerance)
    given = 0
    while given < wanted and tat <= now:
        tat += interval
        given += 1
    return given, max(0.0, tat - now), tat
