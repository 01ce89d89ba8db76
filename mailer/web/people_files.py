"""Files of people and organisations to take away: one form, which asks what for."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response, StreamingResponse

from mailer import reporting
from mailer.app import people_files as files
from mailer.errors import InputError, NotFoundError
from mailer.web.pages import page
from mailer.web.visits import Visit, Visiting

router = APIRouter(prefix="/personnes/fichiers")


@router.get("", name="people_files")
def people_files(request: Request, visit: Visiting, audience: str = "") -> Response:
    return _show(request, visit, typed={"what": audience, "why": ""})


@router.post("", name="export_people")
def export_people(
    request: Request,
    visit: Visiting,
    what: Annotated[str, Form(max_length=200)] = "",
    form: Annotated[str, Form(max_length=10)] = "",
    why: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    try:
        pieces = files.people_file(visit.mailer, what, form, why=why, by=visit.user.address, t=visit.t)
    except NotFoundError:
        raise
    except InputError as error:
        return _show(request, visit, typed={"what": what, "why": why}, error=error)
    day = f"{visit.mailer.clock.now():%Y-%m-%d}"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(what, safe='')}-{day}.{form}"}
    return StreamingResponse(pieces, media_type=reporting.FORMS[form], headers=headers)


def _show(
    request: Request, visit: Visit, *, typed: dict[str, str], error: InputError | None = None
) -> Response:
    found, _ = visit.mailer.workspace()
    return page(
        request,
        "people_files.html",
        visit,
        status=422 if error else 200,
        here="audiences",
        audiences=found.segments,
        fixed={
            files.EVERYBODY: visit.t("Everybody"),
            files.ORGANISATIONS: visit.t("Organisations and their memberships"),
        },
        typed=typed,
        error=error,
    )
