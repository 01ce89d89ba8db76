"""One letter to another day: a form with day and hour, which dragging in the calendar sends as well."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from mailer.app import IssueSummary, almanac
from mailer.app.school_years import school_years
from mailer.errors import InputError, MailerError, NotFoundError, RefusedError, StoreError, UnconfirmedError
from mailer.web import month
from mailer.web.calendar import MOVABLE, can_move
from mailer.web.pages import page
from mailer.web.visits import Forbidden, Visit, Visiting

router = APIRouter(prefix="/calendrier/deplacer/{campaign}/{issue}")


@router.get("", name="move")
def move(request: Request, visit: Visiting, campaign: str, issue: str, jour: str = "") -> Response:
    return _show(request, visit, f"{campaign}/{issue}", {"day": jour} if _read_day(jour) else {})


@router.post("", name="move_letter")
def move_letter(
    request: Request,
    visit: Visiting,
    campaign: str,
    issue: str,
    day: Annotated[str, Form(max_length=10)] = "",
    hour: Annotated[str, Form(max_length=5)] = "",
    confirmed: Annotated[bool, Form()] = False,
) -> Response:
    """Back to the calendar, or the form again with the reason."""
    ref = f"{campaign}/{issue}"
    summary = _find(visit, ref)
    if summary.state in MOVABLE and not can_move(visit, summary):
        raise Forbidden("Your role does not allow this. Ask an administrator.")
    try:
        at = f"{day} {hour}"
        outcome = visit.mailer.moves.move(ref, by=visit.user.address, at=at, confirmed=confirmed)
    except NotFoundError:
        raise
    except (InputError, StoreError) as error:
        return _show(request, visit, ref, {"day": day, "hour": hour}, error=error)
    return RedirectResponse(f"/calendrier?mois={day[:7]}&fait={outcome.value}&lettre={ref}", status_code=303)


def _show(
    request: Request, visit: Visit, ref: str, typed: Mapping[str, str], *, error: MailerError | None = None
) -> Response:
    summary = _find(visit, ref)
    wished = _read_day(typed.get("day", ""))
    at = summary.local_at(summary.campaign.zone)
    years, _ = school_years(visit.mailer.settings.workspace)
    school, zones = years.holiday(wished, visit.t.language) if wished else ("", ())
    return page(
        request,
        "move.html",
        visit,
        status=_status(error),
        here="week",
        summary=summary,
        at=at,
        typed=typed,
        error=error,
        wanted=error.wanted if isinstance(error, UnconfirmedError) else "",
        can_move=can_move(visit, summary),
        approval=visit.mailer.moves.approval(ref) if summary.state in MOVABLE else None,
        wished=wished,
        public=almanac.public_holiday(wished, visit.t.language) if wished else "",
        school=school,
        zones=zones,
        is_known=wished is None or years.is_known(wished),
        others=_others(visit, summary, wished),
    )


def _find(visit: Visit, ref: str) -> IssueSummary:
    found = next((each for each in visit.mailer.issues() if each.ref == ref), None)
    if found is None:
        visit.mailer.find(ref)
        raise NotFoundError("There is no letter {ref}.", ref=ref)
    return found


def _others(visit: Visit, summary: IssueSummary, wished: date | None) -> list[IssueSummary]:
    """The other letters of the day that is wished for."""
    if wished is None:
        return []
    dated = [(month.local_departure(each, visit.t.zone), each) for each in visit.mailer.issues()]
    return [
        each
        for at, each in dated
        if at and at.date() == wished and each.ref != summary.ref and each.state != "cancelled"
    ]


def _read_day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in month.YEARS else None


def _status(error: MailerError | None) -> int:
    if error is None:
        return 200
    if isinstance(error, StoreError):
        return 503
    return 409 if isinstance(error, RefusedError) else 422
