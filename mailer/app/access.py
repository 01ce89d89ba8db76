"""Tokens of the API: made by an administrator, shown once, recognised by their digest, ended at once."""

from collections.abc import Iterable
from datetime import timedelta

from mailer.app.mailer import Mailer
from mailer.clock import local_date
from mailer.errors import InputError, NotFoundError
from mailer.model.access import ApiToken, Scope
from mailer.store import accounts, acts, api_tokens
from mailer.tokens import random_text

#: Secret scanners and people recognise a token by its beginning.
PREFIX = "relais_"
LONGEST_DAYS = 730
_MOST_NAME = 80


def create(mailer: Mailer, *, name: str, scopes: Iterable[str], days: int, by: str) -> tuple[int, str]:
    """The number and the secret of a new token; the secret is kept nowhere. Raises InputError."""
    known = {each.value for each in Scope}
    wanted = sorted(set(scopes))
    if not name.strip() or len(name) > _MOST_NAME or not name.isprintable():
        raise InputError("Say which program gets the token: a name of up to {most} letters.", most=_MOST_NAME)
    if not wanted or not known.issuperset(wanted):
        raise InputError("A token needs rights, among: {names}.", names=", ".join(sorted(known)))
    if not 1 <= days <= LONGEST_DAYS:
        raise InputError("A token holds from 1 to {most} days.", most=LONGEST_DAYS)
    secret, at = PREFIX + random_text(), mailer.clock.now()
    new = ApiToken(
        name=name.strip(),
        digest=accounts.digest(secret),
        scopes=wanted,
        created_at=at,
        created_by=by,
        expires_at=at + timedelta(days=days),
    )
    with mailer.store.write() as tx:
        number = api_tokens.create(tx, new)
        acts.record(tx, at=at, by=by, act="token", object=f"token {number}", detail=" ".join(wanted))
    return number, secret


def recognise(mailer: Mailer, secret: str) -> ApiToken | None:
    """The token that was presented; its day of use is noted."""
    at = mailer.clock.now()
    with mailer.store.read() as tx:
        found = api_tokens.find(tx, secret, at=at)
    today = local_date(at, mailer.settings.time_zone)
    if found is not None and found.last_used_on != today:
        assert found.id is not None
        with mailer.store.write() as tx:
            api_tokens.used(tx, found.id, on=today)
    return found


def every(mailer: Mailer) -> list[ApiToken]:
    with mailer.store.read() as tx:
        return api_tokens.every(tx)


def revoke(mailer: Mailer, number: int, *, by: str) -> None:
    """End a token; its next request is refused. Raises NotFoundError."""
    at = mailer.clock.now()
    with mailer.store.write() as tx:
        if not api_tokens.revoke(tx, number, at=at):
            raise NotFoundError("There is no token of this number that could be ended.")
        acts.record(tx, at=at, by=by, act="revoke-token", object=f"token {number}")
