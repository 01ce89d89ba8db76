"""Acts on one letter: each is a form; what is refused comes back with its reason, and nothing is half-done."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from mailer.app import Mailer
from mailer.errors import InputError, MailerError, NotFoundError, ProviderHalt, RefusedError, StoreError
from mailer.model.workspace import Issue
from mailer.sending import Answers
from mailer.web.letters import show
from mailer.web.visits import Visit, Visiting

router = APIRouter(prefix="/lettres/{campaign}/{issue}")

_LOCAL = "%Y-%m-%d %H:%M"
#: A number that somebody types by hand.
_Typed = Annotated[str, Form(max_length=40)]
_NOTHING: Mapping[str, str] = MappingProxyType({})


@router.post("/approuver", name="approve")
def approve(
    request: Request,
    visit: Visiting,
    campaign: str,
    issue: str,
    day: Annotated[str, Form()] = "",
    hour: Annotated[str, Form()] = "",
) -> Response:
    ref = f"{campaign}/{issue}"
    return do(
        request,
        visit,
        ref,
        "approve",
        lambda: visit.mailer.departures.approve(ref, by=visit.user.address, at=_local(day, hour)),
        typed={"day": day, "hour": hour},
    )


@router.post("/programmer", name="schedule")
def schedule(
    request: Request,
    visit: Visiting,
    campaign: str,
    issue: str,
    day: Annotated[str, Form()] = "",
    hour: Annotated[str, Form()] = "",
    typed: _Typed = "",
    moved: Annotated[bool, Form()] = False,
) -> Response:
    ref, answers = f"{campaign}/{issue}", _answers(typed, moved=moved)

    def plan() -> None:
        visit.mailer.departures.schedule(ref, by=visit.user.address, at=_local(day, hour), answers=answers)

    return do(request, visit, ref, "schedule", plan, typed={"day": day, "hour": hour, "number": typed})


@router.post("/envoyer", name="send_now")
def send_now(
    request: Request,
    visit: Visiting,
    campaign: str,
    issue: str,
    typed: _Typed = "",
    moved: Annotated[bool, Form()] = False,
) -> Response:
    """Schedule for the end of the undo window, so that it can still be taken back."""
    ref, answers = f"{campaign}/{issue}", _answers(typed, moved=moved)

    def send() -> None:
        soon = _soon(visit.mailer, ref)
        visit.mailer.departures.schedule(ref, by=visit.user.address, at=soon, answers=answers)

    return do(request, visit, ref, "send", send, typed={"number": typed})


@router.post("/verifier", name="look_outside")
def look_outside(request: Request, visit: Visiting, campaign: str, issue: str) -> Response:
    ref = f"{campaign}/{issue}"
    return do(request, visit, ref, "look-up", lambda: visit.mailer.look_outside(ref, by=visit.user.address))


@router.post("/annuler", name="cancel")
def cancel(request: Request, visit: Visiting, campaign: str, issue: str) -> Response:
    ref = f"{campaign}/{issue}"
    return do(request, visit, ref, "cancel", lambda: visit.mailer.running.cancel(ref, by=visit.user.address))


@router.post("/suspendre", name="pause")
def pause(request: Request, visit: Visiting, campaign: str, issue: str) -> Response:
    ref = f"{campaign}/{issue}"
    return do(request, visit, ref, "pause", lambda: visit.mailer.running.pause(ref, by=visit.user.address))


@router.post("/reprendre", name="resume")
def resume(request: Request, visit: Visiting, campaign: str, issue: str) -> Response:
    ref = f"{campaign}/{issue}"
    return do(request, visit, ref, "resume", lambda: visit.mailer.running.resume(ref, by=visit.user.address))


@router.post("/incertains/verifier", name="look_up_doubts")
def look_up_doubts(request: Request, visit: Visiting, campaign: str, issue: str) -> Response:
    """Ask the provider now, about what is old enough and was not asked about a moment ago."""
    ref = f"{campaign}/{issue}"
    return do(request, visit, ref, "look-up-doubts", lambda: visit.mailer.running.settle(ref))


@router.post("/incertains/renvoyer", name="send_doubts_again")
def send_doubts_again(
    request: Request, visit: Visiting, campaign: str, issue: str, typed: _Typed = ""
) -> Response:
    """The sender hands them over at its next tick."""
    ref, answers, by = f"{campaign}/{issue}", _answers(typed), visit.user.address
    act = partial(visit.mailer.running.release_doubts, ref, by=by, answers=answers)
    return do(request, visit, ref, "send-again", act, typed={"again": typed})


@router.post("/incertains/abandonner", name="give_up_doubts")
def give_up_doubts(
    request: Request, visit: Visiting, campaign: str, issue: str, typed: _Typed = ""
) -> Response:
    ref, answers, by = f"{campaign}/{issue}", _answers(typed), visit.user.address
    act = partial(visit.mailer.running.give_up, ref, by=by, answers=answers)
    return do(request, visit, ref, "give-up", act, typed={"given-up": typed})


@router.post("/epreuve", name="send_proof")
def send_proof(
    request: Request,
    visit: Visiting,
    campaign: str,
    issue: str,
    to: Annotated[str, Form(max_length=4000)] = "",
    link: Annotated[bool, Form()] = False,
) -> Response:
    ref = f"{campaign}/{issue}"
    return do(
        request,
        visit,
        ref,
        "proof",
        lambda: visit.mailer.send_proof(
            ref,
            to=to.replace(",", " ").replace(";", " ").split(),
            by=visit.user.address,
            with_link=link,
            may_approve=lambda _: visit.may("approve"),
        ),
        typed={"to": to},
    )


@router.post("/erratum", name="prepare_erratum")
def prepare_erratum(request: Request, visit: Visiting, campaign: str, issue: str) -> Response:
    """Goes on to the page of the draft."""
    ref = f"{campaign}/{issue}"
    return do(
        request, visit, ref, "erratum", lambda: visit.mailer.prepare_erratum(ref, by=visit.user.address)
    )


def do(
    request: Request,
    visit: Visit,
    ref: str,
    name: str,
    act: Callable[[], object],
    *,
    typed: Mapping[str, str] = _NOTHING,
) -> Response:
    """Do it and go back to the letter, or on to the one that it made.

    Or show the letter with the reason of the refusal and what was typed.
    """
    try:
        made = act()
    except NotFoundError:
        raise
    except (InputError, ProviderHalt, StoreError) as error:
        return show(request, visit, ref, error=error, typed=typed, status=_status(error))
    shown = made.ref if isinstance(made, Issue) else ref
    return RedirectResponse(f"/lettres/{shown}?fait={name}", status_code=303)


def _status(error: MailerError) -> int:
    if isinstance(error, ProviderHalt | StoreError):
        return 503
    return 409 if isinstance(error, RefusedError) else 422


def _local(day: str, hour: str) -> str | None:
    """The hour that the form names (half of one is refused later), or None for the one in the letter's file."""
    return f"{day} {hour}"[:16] if day or hour else None


def _soon(mailer: Mailer, ref: str) -> str:
    """The first whole minute after the undo window, in the campaign's zone."""
    _, campaign, _ = mailer.find(ref)
    at = mailer.clock.now() + timedelta(seconds=campaign.undo_seconds + 59)
    return at.astimezone(ZoneInfo(campaign.zone)).strftime(_LOCAL)


def _answers(typed: str, *, moved: bool = False) -> Answers:
    """What the form says of the number of people: digits count, spaces do not."""
    digits = "".join(sign for sign in typed if sign.isdecimal())
    return Answers(recipients=int(digits) if digits else None, moved=moved)
