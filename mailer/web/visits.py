"""A visit: who asks, in which language, on which installation. Every page of the desk depends on it."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import Depends, Form, Query, Request

from mailer.app import Mailer
from mailer.errors import RefusedError
from mailer.i18n import LANGUAGES, Translator, language_asked
from mailer.model.accounts import User
from mailer.store import accounts
from mailer.web.protection import SAFE_METHODS, ForeignFormError, require_own_form
from mailer.web.roles import WITHOUT_FACTOR, is_allowed

LIFETIME = timedelta(hours=12)
THEMES = ("light", "dark")


class LoginNeeded(RefusedError):
    """Nobody is logged in."""


class Forbidden(RefusedError):
    """The user's role is not enough."""


class FactorNeeded(RefusedError):
    """The user's role asks for a second factor, and there is none."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a user."""

    mailer: Mailer
    user: User
    csrf: str
    t: Translator
    #: The digest of the session's cookie: which of the user's sessions this is.
    session: str

    @property
    def lacks_factor(self) -> bool:
        """Whether the installation asks this role for a second factor that the user has not set up."""
        asked = self.mailer.settings.accounts.second_factor
        return self.user.role in asked and self.user.factor_since is None

    def require_token(self, csrf: str) -> None:
        """Refuse a form without the token of this session."""
        if not secrets.compare_digest(csrf.encode(), self.csrf.encode()):
            raise ForeignFormError("This form is too old. Open the page again and send it from there.")

    def may(self, route: str) -> bool:
        """Whether the user may use the route of this name."""
        return is_allowed(self.user.role, route)


def mailer_of(request: Request) -> Mailer:
    return cast(Mailer, request.app.state.mailer)


def cookie_name(mailer: Mailer) -> str:
    """`__Host-` binds the cookie to this host; browsers accept it over https only."""
    return "__Host-relais" if is_https(mailer) else "relais"


def is_https(mailer: Mailer) -> bool:
    return urlsplit(mailer.settings.base_url).scheme == "https"


def language_of(request: Request, mailer: Mailer) -> str:
    """The user's once the visit has begun, else the remembered choice, else what the browser asks for."""
    chosen = getattr(request.state, "language", "") or request.cookies.get("language", "")
    if chosen in LANGUAGES:
        return str(chosen)
    return language_asked(request.headers.get("accept-language", "")) or mailer.settings.language


def theme_of(request: Request) -> str:
    """`light`, `dark`, or empty to follow the system."""
    chosen = request.cookies.get("theme", "")
    return chosen if chosen in THEMES else ""


def begin_visit(request: Request, csrf: Annotated[str, Form()] = "") -> Visit:
    """The visit; raises LoginNeeded, Forbidden or ForeignFormError. Denies what the role table does not name."""
    visit = known_visit(request)
    if request.method not in SAFE_METHODS:
        require_own_form(request)
        visit.require_token(csrf)
    return _allowed(request, visit)


def begin_upload(request: Request) -> Visit:
    """The same for a form with a file: its body is not read yet, so whoever reads it calls `require_token`."""
    visit = known_visit(request)
    require_own_form(request)
    return _allowed(request, visit)


def known_visit(request: Request) -> Visit:
    """Whose session it is, whatever they ask for; raises LoginNeeded."""
    mailer = mailer_of(request)
    secret = request.cookies.get(cookie_name(mailer), "")
    with mailer.store.read() as tx:
        found = accounts.find_session(tx, secret, at=mailer.clock.now()) if secret else None
    if found is None:
        raise LoginNeeded("Log in first.")
    session, user = found
    request.state.language = user.language
    return Visit(
        mailer=mailer,
        user=user,
        csrf=session.csrf,
        t=mailer.translator(user.language),
        session=session.digest,
    )


def _allowed(request: Request, visit: Visit) -> Visit:
    if not visit.may(request.scope["route"].name):
        raise Forbidden("Your role does not allow this. Ask an administrator.")
    if visit.lacks_factor and request.scope["route"].name not in WITHOUT_FACTOR:
        raise FactorNeeded("Set up a second factor first.")
    return visit


Visiting = Annotated[Visit, Depends(begin_visit)]
#: A count that an address carries from one page to the next.
Count = Annotated[int, Query(ge=0, le=10**9)]
Uploading = Annotated[Visit, Depends(begin_upload)]
