"""Second factors: since when, the last code that was accepted, and the codes that stand in for a lost one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from mailer.model.accounts import RecoveryCode
from mailer.model.columns import table
from mailer.store.accounts import user
from mailer.store.engine import Tx

code = table(RecoveryCode)


def turn_on(tx: Tx, user_id: int, *, seed: str, step: int, at: datetime) -> bool:
    """Whether it is on now by this act: whoever has one keeps it."""
    without = user.update().where(user.c.id == user_id, user.c.factor_since.is_(None))
    values = {"factor_seed": seed, "factor_step": step, "factor_since": at}
    return tx.execute(without.values(**values)).rowcount == 1


def turn_off(tx: Tx, user_id: int) -> None:
    """Forget the seed and every recovery code; safe to repeat."""
    tx.execute(
        user.update().where(user.c.id == user_id).values(factor_seed="", factor_step=0, factor_since=None)
    )
    tx.execute(code.delete().where(code.c.user_id == user_id))


def use_step(tx: Tx, user_id: int, step: int) -> bool:
    """Use the code of one step of time up; False if it, or a later one, was used before."""
    later = user.update().where(user.c.id == user_id, user.c.factor_step < step)
    return tx.execute(later.values(factor_step=step)).rowcount == 1


def replace_codes(tx: Tx, user_id: int, digests: Sequence[str]) -> None:
    """The former recovery codes are worth nothing any more."""
    tx.execute(code.delete().where(code.c.user_id == user_id))
    tx.execute(code.insert(), [{"digest": each, "user_id": user_id} for each in digests])


def use_recovery_code(tx: Tx, user_id: int, digest: str) -> bool:
    """Use one recovery code up; False if it is not this user's, or was used."""
    own = code.delete().where(code.c.digest == digest, code.c.user_id == user_id)
    return tx.execute(own).rowcount == 1


def count_codes(tx: Tx, user_id: int) -> int:
    """How many recovery codes are left."""
    return int(tx.execute(select(func.count()).where(code.c.user_id == user_id)).scalar_one())
