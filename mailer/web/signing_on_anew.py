"""Signing on anew: what the password is to other accounts, before protection is taken away or set up.

A session of single sign-on alone says only that this browser came in once. The provider is sent the person with the
demand to log in again; for five minutes after it has said that it did, this session counts as its owner's.
"""

from datetime import timedelta

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from mailer.app import Mailer
from mailer.errors import InputError, RefusedError, TokenError
from mailer.store import accounts
from mailer.tokens import Purpose
from mailer.web import oidc
from mailer.web.entrance import local_path
from mailer.web.visits import Visit, cookie_name, is_https

LIFETIME = timedelta(minutes=5)


def concluded(request: Request, mailer: Mailer, attempt: oidc.Attempt, person: oidc.Person) -> Response:
    """Back where it was asked for; raises RefusedError where the session is over, or the person is another one."""
    at = mailer.clock.now()
    with mailer.store.read() as tx:
        found = accounts.find_session(tx, request.cookies.get(cookie_name(mailer), ""), at=at)
    if found is None or found[0].digest != attempt.session:
        raise RefusedError("This answer does not belong to your attempt to log in. Begin again.")
    if found[1].subject != person.subject:
        raise RefusedError("You logged in as another person. Nothing was changed.")
    answer = RedirectResponse(local_path(attempt.target), status_code=303)
    told = f"{attempt.session}|{int((at + LIFETIME).timestamp())}"
    answer.set_cookie(
        _cookie(mailer),
        mailer.signer.sign(Purpose.SIGNED_ON_ANEW, told.encode()),
        max_age=int(LIFETIME.total_seconds()),
        secure=is_https(mailer),
        httponly=True,
        samesite="lax",
    )
    return answer


def is_needed(visit: Visit) -> bool:
    """Whether the account has no password to ask for, and comes in by single sign-on."""
    return bool(visit.user.subject) and not visit.user.password_hash


def is_done(request: Request, visit: Visit) -> bool:
    """Whether this very session was confirmed a moment ago."""
    mailer = visit.mailer
    try:
        told = mailer.signer.verify(Purpose.SIGNED_ON_ANEW, request.cookies.get(_cookie(mailer), "")).decode()
    except TokenError:
        return False
    session, _, until = told.partition("|")
    return session == visit.session and mailer.clock.now().timestamp() < int(until)


def require(request: Request, visit: Visit) -> None:
    """Raise InputError where an account without a password has not signed on anew."""
    if is_needed(visit) and not is_done(request, visit):
        raise InputError("Log in anew first: a browser left open is not enough. Nothing was changed.")


def _cookie(mailer: Mailer) -> str:
    return "__Host-relais-anew" if is_https(mailer) else "relais-anew"
