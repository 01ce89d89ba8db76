"""The last steps of coming in, however somebody came: the second factor where there is one, then a session."""

from datetime import timedelta

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from mailer.app import Mailer
from mailer.errors import InputError, RefusedError, TokenError
from mailer.model.accounts import User
from mailer.store import accounts, administering
from mailer.tokens import Purpose
from mailer.web.pages import open_page
from mailer.web.visits import LIFETIME, cookie_name, is_https

#: How long the second step may take after the first.
STEP_LIFETIME = timedelta(minutes=10)


def let_in(request: Request, mailer: Mailer, user: User, *, target: str) -> Response:
    """Ask for the code of the second factor, or begin the session where there is none."""
    if user.factor_since is None:
        return begin_session(request, mailer, user, target=target)
    return ask_code(request, ticket(mailer, user), target=target)


def ask_code(
    request: Request, ticket: str, *, target: str, error: InputError | None = None, status: int = 200
) -> Response:
    return open_page(request, "login_code.html", status=status, ticket=ticket, next=target, error=error)


def ticket(mailer: Mailer, user: User) -> str:
    """Says that the first step was done by this user, a moment ago; a new password or factor voids it."""
    over = int((mailer.clock.now() + STEP_LIFETIME).timestamp())
    return mailer.signer.sign(Purpose.LOGIN, f"{user.id}|{over}|{_state(user)}".encode())


def owner_of(mailer: Mailer, ticket: str) -> User:
    """Whose first step it was; raises RefusedError where it is over."""
    over = RefusedError("This took too long. Log in again.")
    try:
        told = mailer.signer.verify(Purpose.LOGIN, ticket).decode()
    except TokenError as error:
        raise over from error
    number, until, state = told.split("|")
    with mailer.store.read() as tx:
        user = administering.find(tx, int(number))
    late = mailer.clock.now().timestamp() >= int(until)
    if late or user is None or user.disabled_at or _state(user) != state:
        raise over
    return user


def begin_session(request: Request, mailer: Mailer, user: User, *, target: str) -> Response:
    """A new session; the one that the browser brought ends."""
    assert user.id is not None
    with mailer.store.write() as tx:
        accounts.end_session(tx, request.cookies.get(cookie_name(mailer), ""))
        secret = accounts.create_session(tx, user.id, at=mailer.clock.now(), lifetime=LIFETIME)
    answer = RedirectResponse(target, status_code=303)
    answer.set_cookie(
        cookie_name(mailer),
        secret,
        max_age=int(LIFETIME.total_seconds()),
        secure=is_https(mailer),
        httponly=True,
        samesite="lax",
    )
    return answer


def _state(user: User) -> str:
    return accounts.digest(f"{user.password_hash}|{user.factor_seed}|{user.subject}")[:16]
