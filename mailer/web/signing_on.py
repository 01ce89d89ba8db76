"""Single sign-on: to the provider and back. It opens accounts that are there or invited, and makes none."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from mailer.addresses import AddressError, normalise
from mailer.app import Mailer
from mailer.app.administration import ABOUT
from mailer.app.sign_on import BACK
from mailer.errors import RefusedError, TokenError
from mailer.model.accounts import LinkPurpose, User
from mailer.store import Tx, account_mails, accounts, acts, administering
from mailer.tokens import Purpose
from mailer.web import oidc, signing_on_anew
from mailer.web.arriving import STEP_LIFETIME, let_in
from mailer.web.entrance import local_path
from mailer.web.protection import require_own_form
from mailer.web.visits import Visiting, is_https, mailer_of

router = APIRouter(prefix="/connexion/externe", dependencies=[Depends(require_own_form)])
#: For somebody who has come in already.
anew = APIRouter(prefix="/compte/confirmer")


@router.get("", name="sign_on")
def sign_on(request: Request, next: str = "/") -> Response:
    """A link, not a form: browsers hold what follows a form to the page's `form-action`."""
    return begun(mailer_of(request), target=local_path(next))


@anew.get("", name="sign_on_anew")
def sign_on_anew(visit: Visiting, next: str = "/compte") -> Response:
    """To the provider, which asks for the log-in again; back by the address that it knows."""
    return begun(visit.mailer, target=local_path(next), session=visit.session)


def begun(mailer: Mailer, *, target: str, session: str = "") -> Response:
    """The way to the provider; with a session, for its owner to log in anew."""
    url, attempt = oidc.begin(
        mailer.settings.oidc,
        back=_back(mailer),
        target=target,
        session_digest=session,
        at=mailer.clock.now(),
    )
    answer = RedirectResponse(url, status_code=303)
    answer.set_cookie(
        _cookie(mailer),
        mailer.signer.sign(Purpose.SIGN_ON, oidc.written(attempt)),
        max_age=int(STEP_LIFETIME.total_seconds()),
        secure=is_https(mailer),
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/retour", name="sign_on_back")
def sign_on_back(request: Request) -> Response:
    """The provider's answer: it counts for the browser that began, once."""
    mailer = mailer_of(request)
    attempt = _attempt(request, mailer)
    person = oidc.conclude(
        mailer.settings.oidc,
        attempt,
        dict(request.query_params),
        back=_back(mailer),
        at=mailer.clock.now(),
    )
    if attempt.session:
        answer = signing_on_anew.concluded(request, mailer, attempt, person)
    else:
        with mailer.store.write() as tx:
            user = _account(tx, mailer, person)
        answer = let_in(request, mailer, user, target=local_path(attempt.target))
    answer.delete_cookie(_cookie(mailer), secure=is_https(mailer), httponly=True, samesite="lax")
    return answer


def _account(tx: Tx, mailer: Mailer, person: oidc.Person) -> User:
    """Whose account it is: by the person that it is tied to, else by a verified address, which ties it.

    Raises RefusedError; nothing is made.
    """
    known = accounts.find_by_subject(tx, person.subject)
    if known is not None:
        return known
    user = accounts.find_user(tx, _address(person))
    if user is None or user.id is None:
        raise RefusedError(
            "Nobody has invited this address to the desk. Ask an administrator for an invitation."
        )
    if not accounts.bind_subject(tx, user.id, person.subject):
        raise RefusedError(
            "This account belongs to another person of the single sign-on. Ask an administrator."
        )
    accounts.drop_links(tx, user.id, LinkPurpose.INVITATION)
    account_mails.forget(tx, user.address)
    about = f"{ABOUT}{user.address}"
    acts.record(tx, at=mailer.clock.now(), by=user.address, act="sign-on", object=about)
    return administering.get(tx, user.id)


def _address(person: oidc.Person) -> str:
    try:
        return normalise(person.address)
    except AddressError as error:
        raise RefusedError(
            "The provider of the single sign-on has not verified your address. Verify it there, or use a password."
        ) from error


def _attempt(request: Request, mailer: Mailer) -> oidc.Attempt:
    try:
        return oidc.read(mailer.signer.verify(Purpose.SIGN_ON, request.cookies.get(_cookie(mailer), "")))
    except TokenError as error:
        raise RefusedError("This answer does not belong to your attempt to log in. Begin again.") from error


def _back(mailer: Mailer) -> str:
    """Always below `base_url`, whatever the request says: the provider knows this address alone."""
    return f"{mailer.settings.base_url}{BACK}"


def _cookie(mailer: Mailer) -> str:
    return "__Host-relais-sign-on" if is_https(mailer) else "relais-sign-on"
