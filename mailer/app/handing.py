"""One mail outside every ledger, once it is claimed: handed to the provider, and what became of it."""

from collections.abc import Callable
from enum import Enum, auto
from uuid import uuid4

import structlog

from mailer.errors import MailerError, ProviderHalt
from mailer.model.mail import Message, Status
from mailer.providers import Outlet

_log = structlog.get_logger()


class Fate(Enum):
    """AGAIN: it certainly did not leave. IN_DOUBT: it may have, so it is not repeated."""

    TAKEN = auto()
    NOT_TAKEN = auto()
    AGAIN = auto()
    IN_DOUBT = auto()


def hand_over(provider: Outlet, write: Callable[[], Message], *, what: str, **about: object) -> Fate:
    """Write the message and hand it over; never raises. The log says `what` it was and what it was `about`, not for whom."""
    try:
        result = provider.send([write()], attempt_key=uuid4())[0]
    except MailerError as error:
        reason = error.reason if isinstance(error, ProviderHalt) else type(error).__name__
        return _again(reason, what, about)
    except Exception as error:  # noqa: BLE001  # whatever an adapter raises: the mail may have left, a doubt
        _log.error(f"{what} in doubt", **about, reason=type(error).__name__)
        return Fate.IN_DOUBT
    if result.status in {Status.RETRY, Status.NOT_TRIED}:
        return _again(result.code, what, about)
    return Fate.TAKEN if result.status is Status.ACCEPTED else Fate.NOT_TAKEN


def _again(reason: str, what: str, about: dict[str, object]) -> Fate:
    _log.warning(f"{what} not accepted", **about, reason=reason)
    return Fate.AGAIN
