"""What has been kept long enough: the proposals with their counts, and a form for each."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from mailer.app import retention
from mailer.errors import UnconfirmedError
from mailer.web import retention_words
from mailer.web.pages import page
from mailer.web.visits import Count, Visit, Visiting

router = APIRouter(prefix="/reglages/conservation")


@router.get("", name="retention")
def proposals(request: Request, visit: Visiting, fait: str = "", nombre: Count = 0) -> Response:
    return _show(request, visit, done=fait, number=nombre)


@router.post("/{kind}", name="apply_retention")
def apply(
    request: Request, visit: Visiting, kind: str, typed: Annotated[str, Form(max_length=40)] = ""
) -> Response:
    digits = "".join(sign for sign in typed if sign.isdecimal())
    try:
        removed = retention.apply(
            visit.mailer, kind, typed=int(digits) if digits else None, by=visit.user.address
        )
    except UnconfirmedError as error:
        return _show(request, visit, error=error, wrong=kind)
    return RedirectResponse(f"/reglages/conservation?fait={kind}&nombre={removed}", status_code=303)


def _show(
    request: Request,
    visit: Visit,
    *,
    done: str = "",
    number: int = 0,
    error: UnconfirmedError | None = None,
    wrong: str = "",
) -> Response:
    return page(
        request,
        "retention.html",
        visit,
        status=409 if error else 200,
        here="choices",
        proposals=retention.proposals(visit.mailer),
        kinds=retention_words.KINDS,
        chosen=visit.mailer.settings.retention,
        done=done if done in retention.KINDS else "",
        number=number,
        error=error,
        wrong=wrong,
    )
