"""Tokens of the API at the desk: an administrator makes them, sees each once, and ends them."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from mailer.app import access
from mailer.errors import InputError
from mailer.model.access import Scope
from mailer.web.pages import page
from mailer.web.visits import Visit, Visiting

router = APIRouter(prefix="/reglages/jetons")


@router.get("", name="tokens")
def tokens(request: Request, visit: Visiting, fait: str = "") -> Response:
    return _show(request, visit, done=fait)


@router.post("", name="create_token")
def create_token(
    request: Request,
    visit: Visiting,
    name: Annotated[str, Form(max_length=200)] = "",
    scopes: Annotated[list[str] | None, Form()] = None,
    days: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """The answer shows the secret: it is kept nowhere, so that going back does not show it again."""
    try:
        number = int(days) if days.isdecimal() else 0
        _, secret = access.create(
            visit.mailer, name=name, scopes=scopes or (), days=number, by=visit.user.address
        )
    except InputError as error:
        return _show(request, visit, error=error, typed={"name": name, "days": days}, ticked=scopes or [])
    return _show(request, visit, secret=secret)


@router.post("/{number}/retirer", name="revoke_token")
def revoke_token(visit: Visiting, number: int) -> Response:
    access.revoke(visit.mailer, number, by=visit.user.address)
    return RedirectResponse("/reglages/jetons?fait=retire", status_code=303)


def _show(
    request: Request,
    visit: Visit,
    *,
    secret: str = "",
    done: str = "",
    error: InputError | None = None,
    typed: dict[str, str] | None = None,
    ticked: list[str] | None = None,
) -> Response:
    return page(
        request,
        "tokens.html",
        visit,
        status=422 if error else 200,
        here="choices",
        held=access.every(visit.mailer),
        now=visit.mailer.clock.now(),
        scopes=[each.value for each in Scope],
        secret=secret,
        done=done,
        error=error,
        typed=typed or {"name": "", "days": "365"},
        ticked=ticked or [],
        most=access.LONGEST_DAYS,
    )
