"""Organisations: the list, one of them with its memberships over time and its people."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from mailer.app import organisations, successions
from mailer.errors import NotFoundError, RefusedError
from mailer.model.people import OrganisationKind
from mailer.web.pages import page
from mailer.web.visits import Visit, Visiting

router = APIRouter(prefix="/organismes")
_Day = Annotated[str, Form(max_length=20)]


@router.get("", name="organisations")
def listed(
    request: Request,
    visit: Visiting,
    q: Annotated[str, Query(max_length=200)] = "",
    nature: str = "",
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> Response:
    kind = nature if nature in set(OrganisationKind) else ""
    found = organisations.search(visit.mailer, q, kind=kind, page=number)
    return page(
        request,
        "organisations.html",
        visit,
        here="audiences",
        found=found,
        q=q,
        kind=kind,
        kinds=list(OrganisationKind),
        waiting=successions.waiting(visit.mailer) if visit.may("organisation") else (),
    )


@router.get("/{organisation_id}", name="organisation")
def one(request: Request, visit: Visiting, organisation_id: int, fait: str = "") -> Response:
    return _show(request, visit, organisation_id, done=fait)


@router.post("/{organisation_id}/adhesion", name="begin_membership")
def begin(
    request: Request, visit: Visiting, organisation_id: int, from_on: _Day = "", until_on: _Day = ""
) -> Response:
    try:
        organisations.begin_membership(
            visit.mailer, organisation_id, from_on=from_on, until_on=until_on, by=visit.user.address
        )
    except NotFoundError:
        raise
    except RefusedError as error:
        return _show(request, visit, organisation_id, error=error)
    return RedirectResponse(f"/organismes/{organisation_id}?fait=adhesion", status_code=303)


@router.post("/{organisation_id}/adhesion/{period_id}/fin", name="end_membership")
def end(
    request: Request, visit: Visiting, organisation_id: int, period_id: int, until_on: _Day = ""
) -> Response:
    try:
        organisations.end_membership(
            visit.mailer, organisation_id, period_id, until_on=until_on, by=visit.user.address
        )
    except RefusedError as error:
        return _show(request, visit, organisation_id, error=error)
    return RedirectResponse(f"/organismes/{organisation_id}?fait=adhesion", status_code=303)


def _show(
    request: Request,
    visit: Visit,
    organisation_id: int,
    *,
    done: str = "",
    error: RefusedError | None = None,
) -> Response:
    return page(
        request,
        "organisation.html",
        visit,
        status=422 if error else 200,
        here="audiences",
        shown=organisations.view(visit.mailer, organisation_id),
        done=done,
        error=error,
    )
