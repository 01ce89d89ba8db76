"""Changing one person: fields, subscriptions by hand, the address, two contacts that are one. No address in a URL."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from mailer.app import editing, persons
from mailer.errors import InputError
from mailer.web.people import show
from mailer.web.visits import Visit, Visiting

router = APIRouter(prefix="/personnes")
_Text = Annotated[str, Form(max_length=300)]


@router.post("/modifier", name="edit_person")
def edit(
    request: Request,
    visit: Visiting,
    address: _Text = "",
    first_name: _Text = "",
    last_name: _Text = "",
    job: _Text = "",
    organisation: _Text = "",
    written_in: _Text = "fr",
    seen: _Text = "",
) -> Response:
    fields = editing.Fields(first_name, last_name, job, organisation, written_in, seen)
    return do(request, visit, address, lambda: editing.edit(visit.mailer, address, fields, by=_by(visit)))


@router.post("/abonnement", name="subscribe_person")
def subscribe(
    request: Request,
    visit: Visiting,
    address: _Text = "",
    topic: _Text = "",
    why: _Text = "",
    act: _Text = "",
) -> Response:
    """By hand: who did it, when and why is written down."""
    chosen = editing.unsubscribe if act == "leave" else editing.subscribe
    return do(
        request, visit, address, lambda: chosen(visit.mailer, address, topic=topic, why=why, by=_by(visit))
    )


@router.post("/adresse", name="move_person")
def move(request: Request, visit: Visiting, address: _Text = "", new: _Text = "") -> Response:
    """A new address of the same person."""
    return do(
        request, visit, address, lambda: editing.move(visit.mailer, address, new, by=_by(visit)), done="move"
    )


@router.post("/fusionner", name="merge_people")
def merge(
    request: Request, visit: Visiting, address: _Text = "", other: _Text = "", sure: _Text = ""
) -> Response:
    """Another contact is this person as well; this address stays."""

    def act() -> None:
        if sure != "yes":
            raise InputError("Tick that you are sure: merging cannot be undone. Nothing was merged.")
        editing.merge(visit.mailer, address, other, by=_by(visit))

    return do(request, visit, address, act, done="merge")


def do(
    request: Request, visit: Visit, address: str, act: Callable[[], str | None], *, done: str = "edit"
) -> Response:
    """Act, and show the person as they are then; what is refused comes with its reason, beside the person."""
    error, present = None, address
    try:
        present = act() or address
    except InputError as refused:
        error, done = refused, ""
    try:
        person = persons.find(visit.mailer, present)
    except InputError as missing:
        return show(request, visit, typed=present, error=error or missing)
    return show(request, visit, typed=present, person=person, error=error, done=done)


def _by(visit: Visit) -> str:
    return visit.user.address
