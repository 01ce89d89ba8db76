"""Coming in and going out: login and its second step, the one-time link that sets a password, logout."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from mailer.addresses import AddressError, normalise
from mailer.app.administration import ABOUT
from mailer.errors import InputError, NotFoundError, RefusedError
from mailer.model.accounts import User
from mailer.store import accounts, acts, administering
from mailer.web import passwords, second_factor, tries
from mailer.web.arriving import ask_code, begin_session, let_in, owner_of
from mailer.web.pages import open_page
from mailer.web.protection import require_own_form
from mailer.web.tries import TooManyTries
from mailer.web.visits import Visiting, cookie_name, is_https, mailer_of

#: Open to everybody; forms must come from our own pages.
entrance = APIRouter(dependencies=[Depends(require_own_form)])
way_out = APIRouter()


@entrance.get("/connexion", name="log_in")
def login_page(request: Request, next: str = "/") -> Response:
    return _login(request, address="", next=local_path(next), error="")


@entrance.post("/connexion", name="log_in_now")
def log_in(
    request: Request,
    address: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Check the password; whether the address is known cannot be told from the answer or its time."""
    mailer = mailer_of(request)
    account, now = _normal(address), mailer.clock.now()
    try:
        counted = tries.count(request, mailer, account)
    except TooManyTries as late:
        return _refused(request, address, next, late, status=429)
    with mailer.store.read() as tx:
        user = accounts.find_user(tx, account)
    if not passwords.is_right(password, user.password_hash if user else None) or user is None:
        wrong = InputError("This address and this password do not belong together. Check both and try again.")
        return _refused(request, address, next, wrong, status=401)
    with mailer.store.write() as tx:
        accounts.drop_failures(tx, counted)
        accounts.forget_failures(tx, account, before=now - passwords.WINDOW)
    return let_in(request, mailer, user, target=local_path(next))


@entrance.post("/connexion/code", name="log_in_code")
def log_in_code(
    request: Request,
    ticket: Annotated[str, Form()] = "",
    code: Annotated[str, Form(max_length=40)] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """The second step: a code of the authenticator or a recovery code, each taken once, tries counted as passwords are."""
    mailer, target = mailer_of(request), local_path(next)
    try:
        user = owner_of(mailer, ticket)
    except RefusedError as over:
        return _refused(request, "", next, over, status=401)
    now = mailer.clock.now()
    try:
        counted = tries.count(request, mailer, f"second-factor:{user.id}")
    except TooManyTries as late:
        return ask_code(request, ticket, target=target, error=late, status=429)
    with mailer.store.write() as tx:
        taken = second_factor.accept(tx, mailer.signer, user, code, at=now)
        if taken:
            accounts.drop_failures(tx, counted)
        if taken == "recovery":
            acts.record(tx, at=now, by=user.address, act="recovery-code", object=f"{ABOUT}{user.address}")
    if not taken:
        wrong = InputError("This code is not right, or was used already. Take the next one.")
        return ask_code(request, ticket, target=target, error=wrong, status=401)
    return begin_session(request, mailer, user, target=target)


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
        owner = administering.get(tx, owner.id)
        acts.record(tx, at=now, by=owner.address, act="password", object=f"{ABOUT}{owner.address}")
    return let_in(request, mailer, owner, target="/")


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
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    foreign = parts.scheme or parts.netloc or not text.startswith("/") or text.startswith("//")
    return "/" if foreign or "\\" in text or any(ord(sign) < 33 for sign in text) else text


def _refused(request: Request, address: str, next: str, error: InputError, *, status: int) -> Response:
    return _login(request, status=status, address=address, next=local_path(next), error=error)


def _login(request: Request, *, status: int = 200, **values: object) -> Response:
    chosen = mailer_of(request).settings.oidc
    return open_page(
        request, "login.html", status=status, sign_on=chosen.name if chosen.issuer else "", **values
    )


def _owner(request: Request, token: str) -> User:
    mailer = mailer_of(request)
    with mailer.store.read() as tx:
        user = accounts.find_by_link(tx, token, at=mailer.clock.now())
    if user is None:
        raise NotFoundError(
            "This link was used, is too old or is not complete. Ask an administrator for a new one, or use “Password lost?”."
        )
    return user


def _normal(address: str) -> str:
    """The normal form; empty, which is nobody's, for what is no address at all."""
    try:
        return normalise(address)
    except AddressError:
        return ""
