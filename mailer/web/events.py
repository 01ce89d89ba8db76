"""Events at the desk: one form makes an event and its letters; it is moved or cancelled in one place."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from mailer.errors import InputError, MailerError, NotFoundError
from mailer.model.calendar import CalendarEvent
from mailer.model.workspace import FieldKind
from mailer.store import acts
from mailer.web import event_words, month
from mailer.web.pages import page
from mailer.web.visits import Visit, Visiting
from mailer.workspace.editing import tidy

router = APIRouter()

#: What the form asks for beside the hours, as the event's file calls it.
FIELDS = ("title", "place", "address", "online", "registration", "contact", "description", "replay")
_Text = Annotated[str, Form(max_length=1000)]
_Long = Annotated[str, Form(max_length=4000)]
_Short = Annotated[str, Form(max_length=20)]
_Digest = Annotated[str, Form(max_length=64)]


@router.get("/evenements", name="events")
def events(request: Request, visit: Visiting) -> Response:
    return page(
        request,
        "events.html",
        visit,
        here="letters",
        kits=visit.mailer.events.all(),
        event_words=event_words,
        now=visit.mailer.clock.now(),
    )


@router.get("/evenements/nouveau", name="new_event")
def new_event(request: Request, visit: Visiting, campagne: str = "") -> Response:
    return _new(request, visit, {"campaign": campagne})


@router.post("/evenements/nouveau", name="create_event")
def create_event(
    request: Request,
    visit: Visiting,
    campaign: _Text = "",
    title: _Text = "",
    day: _Short = "",
    hour: _Short = "",
    end_day: _Short = "",
    end_hour: _Short = "",
    place: _Text = "",
    address: _Text = "",
    online: _Text = "",
    registration: _Text = "",
    contact: _Text = "",
    description: _Long = "",
) -> Response:
    typed = {
        **_typed(title, place, address, online, registration, contact, description, ""),
        "day": day,
        "hour": hour,
        "end_day": end_day,
        "end_hour": end_hour,
        "campaign": campaign,
    }
    try:
        ref = visit.mailer.events.create(campaign, _values(typed), by=visit.user.address)
    except InputError as error:
        return _new(request, visit, typed, error=error)
    return RedirectResponse(f"/evenements/{ref}?fait=create", status_code=303)


@router.get("/evenements/{campaign}/{event}", name="event")
def event(request: Request, visit: Visiting, campaign: str, event: str, fait: str = "") -> Response:
    return _show(request, visit, f"{campaign}/{event}", done=fait)


@router.post("/evenements/{campaign}/{event}/modifier", name="change_event")
def change_event(
    request: Request,
    visit: Visiting,
    campaign: str,
    event: str,
    title: _Text = "",
    day: _Short = "",
    hour: _Short = "",
    end_day: _Short = "",
    end_hour: _Short = "",
    place: _Text = "",
    address: _Text = "",
    online: _Text = "",
    registration: _Text = "",
    contact: _Text = "",
    description: _Long = "",
    replay: _Text = "",
    base: _Digest = "",
) -> Response:
    typed = {
        **_typed(title, place, address, online, registration, contact, description, replay),
        "day": day,
        "hour": hour,
        "end_day": end_day,
        "end_hour": end_hour,
    }
    ref = f"{campaign}/{event}"
    change = visit.mailer.events.change
    return _do(
        request,
        visit,
        ref,
        "change",
        lambda: change(ref, _values(typed), by=visit.user.address, base=base),
        typed,
    )


@router.post("/evenements/{campaign}/{event}/annuler", name="cancel_event")
def cancel_event(request: Request, visit: Visiting, campaign: str, event: str) -> Response:
    ref = f"{campaign}/{event}"
    change = visit.mailer.events.change
    return _do(request, visit, ref, "cancel", lambda: change(ref, {"cancelled": True}, by=visit.user.address))


@router.post("/evenements/{campaign}/{event}/lettres", name="prepare_event")
def prepare_event(request: Request, visit: Visiting, campaign: str, event: str) -> Response:
    ref = f"{campaign}/{event}"
    return _do(
        request, visit, ref, "letters", lambda: visit.mailer.events.prepare(ref, by=visit.user.address)
    )


@router.post("/evenements/{campaign}/{event}/annoncer", name="tell_event")
def tell_event(request: Request, visit: Visiting, campaign: str, event: str) -> Response:
    """Goes on to the draft that tells of the change."""
    ref = f"{campaign}/{event}"
    try:
        draft = visit.mailer.events.tell(ref, by=visit.user.address)
    except NotFoundError:
        raise
    except InputError as error:
        return _show(request, visit, ref, error=error)
    return RedirectResponse(f"/lettres/{draft.ref}", status_code=303)


def _do(
    request: Request,
    visit: Visit,
    ref: str,
    name: str,
    act: Callable[[], object],
    typed: dict[str, str] | None = None,
) -> Response:
    try:
        act()
    except NotFoundError:
        raise
    except InputError as error:
        return _show(request, visit, ref, error=error, typed=typed)
    return RedirectResponse(f"/evenements/{ref}?fait={name}", status_code=303)


def _show(
    request: Request,
    visit: Visit,
    ref: str,
    *,
    done: str = "",
    error: MailerError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    kit = visit.mailer.events.kit(ref)
    with visit.mailer.store.read() as tx:
        log = acts.about(tx, ref)
    return page(
        request,
        "event.html",
        visit,
        status=422 if error else 200,
        here="letters",
        kit=kit,
        done=done,
        error=error,
        typed=typed or _of_event(kit.event),
        event_words=event_words,
        acts=log,
        at=lambda each: month.local_departure(each, visit.t.zone),
        fields=FIELDS,
    )


def _new(
    request: Request, visit: Visit, typed: dict[str, str], *, error: MailerError | None = None
) -> Response:
    found, _ = visit.mailer.workspace()
    return page(
        request,
        "event_new.html",
        visit,
        status=422 if error else 200,
        here="letters",
        campaigns=found.campaigns,
        typed=typed,
        error=error,
        fields=FIELDS,
    )


def _typed(*texts: str) -> dict[str, str]:
    kinds = {"description": FieldKind.TEXT}
    pairs = zip(FIELDS, texts, strict=True)
    return {name: tidy(text, kinds.get(name, FieldKind.LINE)) for name, text in pairs}


def _values(typed: dict[str, str]) -> dict[str, Any]:
    """The form as the event's file: the end is on the same day unless another one is named."""
    end_day = typed["end_day"] or typed["day"]
    hours = {"start": f"{typed['day']} {typed['hour']}", "end": f"{end_day} {typed['end_hour']}"}
    return {name: typed[name] for name in FIELDS} | {name: hour.strip() for name, hour in hours.items()}


def _of_event(event: CalendarEvent) -> dict[str, str]:
    return {name: getattr(event, name) for name in FIELDS} | {
        "day": event.start.date().isoformat(),
        "hour": f"{event.start:%H:%M}",
        "end_day": event.end.date().isoformat(),
        "end_hour": f"{event.end:%H:%M}",
    }
