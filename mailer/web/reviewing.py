"""Having a letter read: links for readers without an account, made and withdrawn on the letter's page."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from mailer.app.reviews import DAYS, MOST_DAYS
from mailer.web.acting import do
from mailer.web.visits import Visiting

router = APIRouter(prefix="/lettres/{campaign}/{issue}")


@router.post("/relecture", name="make_link")
def make_link(
    request: Request,
    visit: Visiting,
    campaign: str,
    issue: str,
    reader: Annotated[str, Form(max_length=200)] = "",
    days: Annotated[int, Form(ge=1, le=MOST_DAYS)] = DAYS,
) -> Response:
    """An approver's link may approve; a writer's is for remarks, so that nobody approves through the back door."""
    ref = f"{campaign}/{issue}"

    def make() -> None:
        may = visit.may("approve")
        visit.mailer.reviews.make_link(ref, by=visit.user.address, reader=reader, days=days, may_approve=may)

    return do(request, visit, ref, "link", make, typed={"reader": reader})


@router.post("/relecture/{public_id}/retirer", name="withdraw_link")
def withdraw_link(request: Request, visit: Visiting, campaign: str, issue: str, public_id: str) -> Response:
    ref = f"{campaign}/{issue}"
    act, by, may = visit.mailer.reviews.withdraw, visit.user.address, visit.may("approve")
    return do(request, visit, ref, "withdraw-link", lambda: act(ref, public_id, by=by, may_approve=may))
