"""The shared rate limit: one row per provider, so that every thread, process and machine keeps to one pace.

GCRA (the virtual scheduling of ITU-T I.371): `tat` is the theoretical arrival time of the next message. Never "send R, then sleep
a second". Whoever asks a little late gets the permits that fell due meanwhile, and every message leaves the same short time
after it was due: so turns of a few milliseconds lose nothing, and what the provider sees is even. The pace is a little below
the rate: at 14 a second the fifteenth message, were it early by ten milliseconds, would be one too many in that second.
"""

from datetime import timedelta
from functools import cache

from sqlalchemy import Select, Update, bindparam, select

from mailer.model.columns import table
from mailer.model.ledger import Pacer
from mailer.store.engine import Tx
from mailer.store.upserts import insert_new

pacer = table(Pacer)
#: The interval between two messages, in intervals of the rate.
_STRETCH = 1.015
#: How late one may ask: what a turn of the loop takes, also on a busy machine.
LATE_SECONDS = 0.06
#: So far ahead turns are reserved; a time that lies further ahead was written by a clock that was set back since.
REACH_SECONDS = 5.0


def take(tx: Tx, *, provider: str, per_second: float, now: float, wanted: int) -> tuple[list[float], float]:
    """Up to `wanted` permits, each the seconds to wait before its message leaves, and the seconds until the next permit.

    `now` in seconds since the epoch.

    Call it in the write transaction of the intents: the row's lock makes the pace common.
    """
    before = _tat(tx, provider)
    delays, wait, tat = permits(tat=before, now=now, per_second=per_second, wanted=wanted)
    # Where a clock was set back, what it had reached before must not come back at the next question.
    if delays or tat < before:
        tx.execute(_moved(), {"its_name": provider, "new_tat": tat})
    return delays, wait


def reserve(tx: Tx, *, provider: str, per_second: float, now: float) -> float:
    """The next turn, whether it has come or not: the seconds until its message leaves. Nobody else gets it."""
    tat = _within_reach(_tat(tx, provider), now=now, per_second=per_second)
    tx.execute(_moved(), {"its_name": provider, "new_tat": tat + _STRETCH / per_second})
    return tat + LATE_SECONDS - now


def least_gap(per_second: float) -> timedelta:
    """How close two messages of one process may leave: between the rate and the pace, so that what is late catches up."""
    return timedelta(seconds=(1 + _STRETCH) / 2 / per_second)


def _tat(tx: Tx, provider: str) -> float:
    """Locked until the commit."""
    found = tx.execute(_held(), {"its_name": provider}).scalar_one_or_none()
    if found is None:
        insert_new(tx, pacer, {"provider": provider, "tat": 0.0})
        found = tx.execute(_held(), {"its_name": provider}).scalar_one()
    return found


@cache
def _held() -> Select[float]:
    return select(pacer.c.tat).where(pacer.c.provider == bindparam("its_name")).with_for_update()


@cache
def _moved() -> Update:
    return pacer.update().where(pacer.c.provider == bindparam("its_name")).values(tat=bindparam("new_tat"))


def permits(*, tat: float, now: float, per_second: float, wanted: int) -> tuple[list[float], float, float]:
    """The seconds to wait before each message that may go, those until the next permit, and the new theoretical arrival time."""
    interval = _STRETCH / per_second
    tat = _within_reach(tat, now=now, per_second=per_second)
    delays: list[float] = []
    while len(delays) < wanted and tat <= now:
        delays.append(tat + LATE_SECONDS - now)
        tat += interval
    return delays, max(0.0, tat - now), tat


def _within_reach(tat: float, *, now: float, per_second: float) -> float:
    """A clock set back must not silence the sender: nobody waits longer than one interval and what may be reserved."""
    return min(max(tat, now - LATE_SECONDS), now + _STRETCH / per_second + REACH_SECONDS)
