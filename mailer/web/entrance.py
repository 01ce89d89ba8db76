"""Coming in and going out: login, the one-time link that sets a password, logout."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from mailer.addresses import AddressError, normalise
from mailer.app import Mailer
from mailer.errors import InputError, NotFoundError, RefusedError
from mailer.model.accounts import User
from mailer.store import accounts, acts
from mailer.web import passwords
from mailer.web.pages import open_page
from mailer.web.protection import require_own_form
from mailer.web.visits import LIFETIME, Visiting, cookie_name, is_https, mailer_of

#: Open to everybody; forms must come from our own pages.
entrance = APIRouter(dependencies=[Depends(require_own_form)])
way_out = APIRouter()


@entrance.get("/connexion", name="log_in")
def login_page(request: Request, next: str = "/") -> Response:
    return open_page(request, "login.html", address="", next=local_path(next), error="")


@entrance.post("/connexion", name="log_in_now")
def log_in(
    request: Request,
    address: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Check the password; whether the address is known cannot be told from the answer or its time."""
    mailer = mailer_of(request)
    account, source, now = _normal(address), _source(request, mailer), mailer.clock.now()
    with mailer.store.read() as tx:
        wait = passwords.waiting_time(tx, account=account, source=source, at=now)
        user = accounts.find_user(tx, account)
    if wait:
        minutes = 1 + int(wait.total_seconds()) // 60
        late = RefusedError("Too many wrong tries. Try again in {minutes} min.", minutes=minutes)
        return _refused(request, address, next, late, status=429)
    if not passwords.is_right(password, user.password_hash if user else None) or user is None:
        with mailer.store.write() as tx:
            accounts.record_failure(tx, account, source, at=now)
        wrong = InputError("This address and this password do not belong together. Check both and try again.")
        return _refused(request, address, next, wrong, status=401)
    with mailer.store.write() as tx:
        accounts.forget_failures(tx, account, before=now - passwords.WINDOW)
    return _begin_session(request, mailer, user, target=local_path(next))


@entrance.get("/premier-acces/{token}", name="first_access")
def first_access_page(request: Request, token: str) -> Response:
    user = _owner(request, token)
    return open_page(request, "first_access.html", user=user, token=token, error="", rules=passwords)


@entrance.post("/premier-acces/{token}", name="first_access_now")
def set_first_password(
    request: Request,
    token: str,
    password: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    mailer, user = mailer_of(request), _owner(request, token)
    try:
        password_hash = passwords.hash_password(password, again=again)
    except InputError as error:
        return open_page(
            request, "first_access.html", status=422, user=user, token=token, error=error, rules=passwords
        )
    now = mailer.clock.now()
    with mailer.store.write() as tx:
        owner = accounts.use_link(tx, token, at=now)
        if owner is None or owner.id is None:
            raise NotFoundError("This link was used a moment ago. Log in with the password chosen then.")
        accounts.set_password(tx, owner.id, password_hash=password_hash)
        acts.record(tx, at=now, by=owner.address, act="password")
    return _begin_session(request, mailer, owner, target="/")


@way_out.post("/deconnexion", name="log_out")
def log_out(request: Request, visit: Visiting) -> Response:
    name = cookie_name(visit.mailer)
    with visit.mailer.store.write() as tx:
        accounts.end_session(tx, request.cookies.get(name, ""))
    answer = RedirectResponse("/connexion", status_code=303)
    # Copies of letters that could not be saved are not for whoever uses this browser next.
    answer.headers["Clear-Site-Data"] = '"storage"'
    answer.delete_cookie(name, secure=is_https(visit.mailer), httponly=True, samesite="lax")
    return answer


def local_path(text: str) -> str:
    """The path itself if it stays on this desk, else the first page."""
    parts = urlsplit(text)
    foreign = parts.scheme or parts.netloc or not text.startswith("/") or text.startswith("//")
    return "/" if foreign or "\\" in text or any(ord(sign) < 33 for sign in text) else text


def _begin_session(request: Request, mailer: Mailer, user: User, *, target: str) -> Response:
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


def _refused(request: Request, address: str, next: str, error: InputError, *, status: int) -> Response:
    return open_page(
        request, "login.html", status=status, address=address, next=local_path(next), error=error
    )


def _owner(request: Request, token: str) -> User:
    mailer = mailer_of(request)
    with mailer.store.read() as tx:
        user = accounts.find_by_link(tx, token, at=mailer.clock.now())
    if user is None:
        raise NotFoundError(
            "This link was used, is older than 24 hours or is not complete. Ask for a new one: mailer admin ADDRESS."
        )
    return user


def _normal(address: str) -> str:
    """The normal form; empty, which is nobody's, for what is no address at all."""
    try:
        return normalise(address)
    except AddressError:
        return ""


def _source(request: Request, mailer: Mailer) -> str:
    """Where the try comes from, as a digest: no address of a machine is kept."""
    host = request.client.host if request.client else ""
    return mailer.signer.digest("login-source", host.encode()).hex()
