"""Tries with a password or a code. Each is counted as wrong before it is looked at, and taken back if it was right: as
many at once wait as many in a row do.
"""

from datetime import datetime

from fastapi import Request

from mailer.app import Mailer
from mailer.errors import RefusedError
from mailer.store import Store, accounts
from mailer.web import passwords
from mailer.web.networks import network_of


class TooManyTries(RefusedError):
    """A try that is not looked at."""


def count(request: Request, mailer: Mailer, account: str) -> list[int]:
    """Count a try of this account from this source; its numbers, for `accounts.drop_failures` if it was right."""
    return count_of(mailer.store, account=account, source=source_of(request, mailer), at=mailer.clock.now())


def count_of(store: Store, *, account: str, source: str, at: datetime) -> list[int]:
    """Raises TooManyTries, and counts nothing, while the failures of the account or of the source ask for a wait.

    It looks once without writing: a flood of tries that are refused must not hold other writers up.
    """
    with store.read() as tx:
        _require_patience(passwords.waiting_time(tx, account=account, source=source, at=at).total_seconds())
    with store.write() as tx:
        accounts.hold_failures(tx, account, source)
        _require_patience(passwords.waiting_time(tx, account=account, source=source, at=at).total_seconds())
        return accounts.record_failure(tx, account, source, at=at)


def source_of(request: Request, mailer: Mailer) -> str:
    """The network that a try comes from, as a digest: no address of a machine is kept."""
    host = request.client.host if request.client else ""
    return mailer.signer.digest("login-source", network_of(host).encode()).hex()


def _require_patience(seconds: float) -> None:
    if seconds:
        raise TooManyTries(
            "Too many wrong tries. Try again in {minutes} min.", minutes=1 + int(seconds) // 60
        )
