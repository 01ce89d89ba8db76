"""Addresses of other programs that are told as things happen: made, replayed and ended by an administrator."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from mailer.app import webhooks
from mailer.errors import InputError
from mailer.model.outgoing import Happening
from mailer.web.pages import page
from mailer.web.visits import Visit, Visiting

router = APIRouter(prefix="/reglages/alertes")


@router.get("", name="webhooks")
def endpoints(request: Request, visit: Visiting, fait: str = "") -> Response:
    return _show(request, visit, done=fait)


@router.post("", name="create_webhook")
def create(
    request: Request,
    visit: Visiting,
    url: Annotated[str, Form(max_length=1000)] = "",
    events: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """The answer shows the secret."""
    chosen = events or []
    try:
        _, secret = webhooks.create(visit.mailer, url=url.strip(), events=chosen, by=visit.user.address)
    except InputError as error:
        return _show(request, visit, error=error, url=url, ticked=chosen)
    return _show(request, visit, secret=secret)


@router.post("/{number}/rejouer", name="replay_webhook")
def replay(visit: Visiting, number: int) -> Response:
    webhooks.replay(visit.mailer, number, by=visit.user.address)
    return RedirectResponse("/reglages/alertes?fait=rejoue", status_code=303)


@router.post("/{number}/retirer", name="end_webhook")
def end(visit: Visiting, number: int) -> Response:
    webhooks.end(visit.mailer, number, by=visit.user.address)
    return RedirectResponse("/reglages/alertes?fait=retire", status_code=303)


def _show(
    request: Request,
    visit: Visit,
    *,
    secret: str = "",
    done: str = "",
    error: InputError | None = None,
    url: str = "",
    ticked: list[str] | None = None,
) -> Response:
    return page(
        request,
        "webhooks.html",
        visit,
        status=422 if error else 200,
        here="choices",
        held=webhooks.listed(visit.mailer),
        kinds=[each.value for each in Happening],
        secret=secret,
        done=done,
        error=error,
        url=url,
        ticked=ticked or [],
    )
