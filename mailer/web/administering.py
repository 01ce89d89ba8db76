"""The accounts of the desk: who has one, invitations, roles. For administrators."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Request
from fastapi.responses import RedirectResponse, Response

from mailer.app import administration
from mailer.errors import InputError, NotFoundError
from mailer.i18n import LANGUAGES
from mailer.model.accounts import Role
from mailer.store import acts, administering
from mailer.web import signing_on_anew
from mailer.web.account import require_owner
from mailer.web.pages import page
from mailer.web.tries import TooManyTries
from mailer.web.visits import Visit, Visiting

router = APIRouter(prefix="/comptes")

_ACTS_SHOWN = 30


@router.get("", name="accounts")
def accounts(request: Request, visit: Visiting, fait: str = "") -> Response:
    return _show(request, visit, done=fait)


@router.post("/inviter", name="invite")
def invite(
    request: Request,
    visit: Visiting,
    later: BackgroundTasks,
    address: Annotated[str, Form(max_length=1000)] = "",
    role: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "fr",
) -> Response:
    def act() -> None:
        chosen = language if language in LANGUAGES else visit.mailer.settings.language
        administration.invite(visit.mailer, address, role=_role(role), by=visit.user.address, language=chosen)

    later.add_task(visit.mailer.account_mails.send_waiting)
    return _do(request, visit, act, "invite", typed={"address": address, "role": role})


@router.post("/{user}/renvoyer", name="invite_again")
def invite_again(request: Request, visit: Visiting, later: BackgroundTasks, user: int) -> Response:
    later.add_task(visit.mailer.account_mails.send_waiting)
    return _do(
        request,
        visit,
        lambda: administration.invite_again(visit.mailer, user, by=visit.user.address),
        "invite",
    )


@router.post("/{user}/retirer", name="withdraw_invitation")
def withdraw_invitation(request: Request, visit: Visiting, user: int) -> Response:
    return _do(
        request,
        visit,
        lambda: administration.withdraw_invitation(visit.mailer, user, by=visit.user.address),
        "retire",
    )


@router.post("/{user}/role", name="change_role")
def change_role(request: Request, visit: Visiting, user: int, role: Annotated[str, Form()] = "") -> Response:
    return _do(
        request,
        visit,
        lambda: administration.change_role(visit.mailer, user, role=_role(role), by=visit.user.address),
        "role",
    )


@router.post("/{user}/desactiver", name="deactivate")
def deactivate(request: Request, visit: Visiting, user: int) -> Response:
    return _do(
        request,
        visit,
        lambda: administration.deactivate(visit.mailer, user, by=visit.user.address),
        "desactive",
    )


@router.post("/{user}/reactiver", name="reactivate")
def reactivate(request: Request, visit: Visiting, user: int) -> Response:
    return _do(
        request,
        visit,
        lambda: administration.reactivate(visit.mailer, user, by=visit.user.address),
        "reactive",
    )


@router.post("/{user}/second-facteur", name="reset_factor")
def reset_factor(
    request: Request, visit: Visiting, user: int, present: Annotated[str, Form()] = ""
) -> Response:
    """Asks for the administrator's own password, or to sign on anew, so that a browser left open takes no protection away."""

    def act() -> None:
        require_owner(request, visit, present)
        administration.reset_factor(visit.mailer, user, by=visit.user.address)

    return _do(request, visit, act, "facteur")


def _role(text: str) -> Role:
    if text not in set(Role):
        raise InputError("This role does not exist. Choose one of the list.")
    return Role(text)


def _do(
    request: Request,
    visit: Visit,
    act: Callable[[], None],
    done: str,
    *,
    typed: dict[str, str] | None = None,
) -> Response:
    """Do it and show the list, or show the list with the reason why not."""
    try:
        act()
    except InputError as error:
        return _show(request, visit, error=error, typed=typed)
    return RedirectResponse(f"/comptes?fait={done}", status_code=303)


def _show(
    request: Request,
    visit: Visit,
    *,
    done: str = "",
    error: InputError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    with visit.mailer.store.read() as tx:
        people = administering.everybody(tx)
        invitations = administering.open_invitations(tx)
        log = acts.of_kind(tx, administration.ABOUT, limit=_ACTS_SHOWN)
    return page(
        request,
        "accounts.html",
        visit,
        status=_status(error),
        here="choices",
        people=[each for each in people if each.password_hash or each.subject or each.disabled_at],
        invited=[each for each in people if not (each.password_hash or each.subject or each.disabled_at)],
        invitations=invitations,
        now=visit.mailer.clock.now(),
        log=log,
        about=administration.ABOUT,
        roles=list(Role),
        typed=typed or {},
        must_sign_on=signing_on_anew.is_needed(visit) and not signing_on_anew.is_done(request, visit),
        done=done,
        error=error,
    )


def _status(error: InputError | None) -> int:
    if error is None:
        return 200
    return 404 if isinstance(error, NotFoundError) else 429 if isinstance(error, TooManyTries) else 422
