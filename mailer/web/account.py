"""One's own account: name, password, sessions, and whether there is a second factor."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from mailer.app.administration import ABOUT
from mailer.errors import InputError
from mailer.store import Tx, accounts, acts, digests, second_factors
from mailer.web import passwords, signing_on_anew, tries
from mailer.web.pages import page
from mailer.web.tries import TooManyTries
from mailer.web.visits import Visit, Visiting

router = APIRouter(prefix="/compte")

_MOST_LETTERS = 80


@router.get("", name="account")
def account(request: Request, visit: Visiting, fait: str = "") -> Response:
    return show(request, visit, done=fait)


@router.post("/nom", name="change_name")
def change_name(
    request: Request, visit: Visiting, name: Annotated[str, Form(max_length=1000)] = ""
) -> Response:
    """How the desk and the log of acts' readers call the user; one line of letters."""
    plain = " ".join("".join(each if each.isprintable() else " " for each in name).split())
    if len(plain) > _MOST_LETTERS:
        error = InputError("A name has at most {most} letters.", most=_MOST_LETTERS)
        return show(request, visit, error=error, wrong="name", status=422)
    with visit.mailer.store.write() as tx:
        accounts.set_name(tx, user_id(visit), plain)
    return RedirectResponse("/compte?fait=nom", status_code=303)


@router.post("/bilans", name="choose_digests")
def choose_digests(
    visit: Visiting, campaign: Annotated[list[Annotated[str, Form(max_length=200)]] | None, Form()] = None
) -> Response:
    """Which campaigns' figures come by mail; a name that is no campaign's is nothing."""
    known = visit.mailer.workspace()[0].campaigns
    with visit.mailer.store.write() as tx:
        wanted = [each for each in campaign or () if each in known]
        digests.choose(tx, user_id(visit), wanted, at=visit.mailer.clock.now())
    return RedirectResponse("/compte?fait=bilans", status_code=303)


@router.post("/mot-de-passe", name="change_password")
def change_password(
    request: Request,
    visit: Visiting,
    present: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Ends every session of the user, this one too: they log in with the new password."""
    try:
        require_password(request, visit, present)
    except InputError as error:
        return show(request, visit, error=error, wrong="present", status=422)
    try:
        password_hash = passwords.hash_password(password, again=again)
    except InputError as error:
        return show(request, visit, error=error, wrong="new", status=422)
    with visit.mailer.store.write() as tx:
        accounts.set_password(tx, user_id(visit), password_hash=password_hash)
        note(visit, tx, "password")
    return RedirectResponse("/connexion", status_code=303)


@router.post("/sessions/terminer", name="end_session")
def end_session(visit: Visiting, which: Annotated[str, Form(max_length=64)] = "") -> Response:
    """End one session of one's own; of anybody else's nothing happens."""
    with visit.mailer.store.write() as tx:
        accounts.end_named_session(tx, user_id(visit), which)
    return RedirectResponse("/compte?fait=session", status_code=303)


@router.post("/sessions/autres", name="end_other_sessions")
def end_other_sessions(visit: Visiting) -> Response:
    with visit.mailer.store.write() as tx:
        accounts.end_other_sessions(tx, user_id(visit), kept=visit.session)
    return RedirectResponse("/compte?fait=session", status_code=303)


def require_password(request: Request, visit: Visit, present: str) -> None:
    """The present password, tries counted as at the login; raises InputError."""
    counted = tries.count(request, visit.mailer, visit.user.address)
    if not passwords.is_right(present, visit.user.password_hash):
        raise InputError("The present password is not right. Nothing was changed.")
    with visit.mailer.store.write() as tx:
        accounts.drop_failures(tx, counted)


def require_owner(request: Request, visit: Visit, present: str) -> None:
    """The present password, or of an account of single sign-on alone that it signed on anew; raises InputError."""
    if visit.user.password_hash:
        require_password(request, visit, present)
    else:
        signing_on_anew.require(request, visit)


def note(visit: Visit, tx: Tx, act: str) -> None:
    """Write down what somebody did to their own account."""
    by = visit.user.address
    acts.record(tx, at=visit.mailer.clock.now(), by=by, act=act, object=f"{ABOUT}{by}")


def user_id(visit: Visit) -> int:
    assert visit.user.id is not None
    return visit.user.id


def show(
    request: Request,
    visit: Visit,
    *,
    done: str = "",
    error: InputError | None = None,
    wrong: str = "",
    status: int = 200,
) -> Response:
    """The page; after a refused form with the reason, tied to the field that is `wrong`."""
    with visit.mailer.store.read() as tx:
        sessions = accounts.sessions_of(tx, user_id(visit), at=visit.mailer.clock.now())
        codes = second_factors.count_codes(tx, user_id(visit))
        chosen = digests.choices(tx, user_id(visit))
    return page(
        request,
        "account.html",
        visit,
        status=429 if isinstance(error, TooManyTries) else status,
        here="choices",
        sessions=sessions,
        codes=codes,
        campaigns=visit.mailer.workspace()[0].campaigns.values(),
        chosen=chosen,
        rules=passwords,
        must_sign_on=signing_on_anew.is_needed(visit),
        signed_on=signing_on_anew.is_done(request, visit),
        done=done,
        error=error,
        wrong=wrong,
    )
