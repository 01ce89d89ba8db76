"""A provider that is not reached for a day: the send pauses with that reason, and nobody is refused."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from mailer.errors import ProviderHalt
from mailer.model.mail import SendResult
from mailer.sending.flights import Answer
from mailer.sending.waiting import UNREACHED
from mailer.store import Tx, attempts
from mailer.store.handovers import number

_A_DAY = timedelta(days=1)
#: Attempts further apart do not tell that it was away in between: the program may have stopped, or somebody paused.
_FURTHEST_APART = timedelta(hours=6)
_FEWEST = int(_A_DAY / _FURTHEST_APART)


def told(tx: Tx, answers: Sequence[Answer], *, at: datetime) -> list[Answer]:
    """The answers, with a halt in the place of each that ends a day of attempts in vain."""
    return [(prepared, _told(tx, (prepared, answer), at)) for prepared, answer in answers]


def _told(tx: Tx, answer: Answer, at: datetime) -> SendResult | ProviderHalt:
    prepared, result = answer
    if isinstance(result, ProviderHalt) or result.code not in UNREACHED:
        return result
    if prepared.delivery.attempts < _FEWEST or at - _since(tx, number(prepared.delivery), at) < _A_DAY:
        return result
    return ProviderHalt(
        "unreached",
        "The provider has not been reached for a day ({code}). Check the network and the provider's settings, then resume:"
        " nobody was refused.",
        code=result.code,
    )


def _since(tx: Tx, delivery_id: int, at: datetime) -> datetime:
    """Since when every attempt failed to reach it, the present one last; `at` without any before."""
    since = at
    for began, code in attempts.before_the_last(tx, delivery_id):
        if code not in UNREACHED or since - began > _FURTHEST_APART:
            break
        since = began
    return since
