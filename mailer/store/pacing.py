"""The shared rate limit: one row per provider, so that every thread, process and machine keeps to one pace.

GCRA (the virtual scheduling of ITU-T I.371): `tat` is the theoretical arrival time of the next message. Never "send R, then sleep
a second". Whoever asks a little late gets the permits that fell due meanwhile, and every message leaves the same short time
after it was due: so turns of a few milliseconds lose nothing, and what the provider sees is even. The pace is one in a hundred
below the rate, for a provider's clock is not ours.
"""

from functools import cache

from sqlalchemy import Select, Update, bindparam, select

from mailer.model.columns import table
from mailer.model.ledger import Pacer
from mailer.store.engine import Tx
from mailer.store.upserts import insert_new

pacer = table(Pacer)
#: The interval between two messages, in intervals of the rate.
_STRETCH = 1.01
#: How late one may ask: half a message, or what a turn of the loop takes.
_LEAST_SECONDS, _MOST_SECONDS = 0.03, 0.05


def take(tx: Tx, *, provider: str, per_second: float, now: float, wanted: int) -> tuple[list[float], float]:
    """Up to `wanted` permits, each the seconds to wait before its message leaves, and the seconds until the next permit.

    `now` in seconds since the epoch.

    Call it in the write transaction of the intents: the row's lock makes the pace common.
    """
    before = tx.execute(_held(), {"its_name": provider}).scalar_one_or_none()
    if before is None:
        insert_new(tx, pacer, {"provider": provider, "tat": 0.0})
        before = tx.execute(_held(), {"its_name": provider}).scalar_one()
    delays, wait, tat = permits(tat=before, now=now, per_second=per_second, wanted=wanted)
    if delays:
        tx.execute(_moved(), {"its_name": provider, "new_tat": tat})
    return delays, wait


@cache
def _held() -> Select[float]:
    return select(pacer.c.tat).where(pacer.c.provider == bindparam("its_name")).with_for_update()


@cache
def _moved() -> Update:
    return pacer.update().where(pacer.c.provider == bindparam("its_name")).values(tat=bindparam("new_tat"))


def permits(*, tat: float, now: float, per_second: float, wanted: int) -> tuple[list[float], float, float]:
    """The seconds to wait before each message that may go, those until the next permit, and the new theoretical arrival time."""
    interval = _STRETCH / per_second
    tolerance = min(max(0.5 / per_second, _LEAST_SECONDS), _MOST_SECONDS)
    # A clock set back must not silence the sender: nobody is owed more than one interval and the tolerance.
    tat = min(max(tat, now - tolerance), now + interval + tolerance)
    delays: list[float] = []
    while len(delays) < wanted and tat <= now:
        delays.append(tat + tolerance - now)
        tat += interval
    return delays, max(0.0, tat - now), tat
