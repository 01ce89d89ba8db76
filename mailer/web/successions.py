"""The end of a person's function, and who follows. No address in a URL."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from mailer.app import successions
from mailer.web.people_editing import do
from mailer.web.visits import Visiting

router = APIRouter(prefix="/personnes")
_Text = Annotated[str, Form(max_length=300)]
_Day = Annotated[str, Form(max_length=20)]


@router.post("/fonction", name="end_function")
def end(request: Request, visit: Visiting, address: _Text = "", until_on: _Day = "") -> Response:
    """The last day of the function; an empty one takes it back."""
    by = visit.user.address
    return do(request, visit, address, lambda: successions.note_end(visit.mailer, address, until_on, by=by))


@router.post("/successeur", name="name_successor")
def succeed(
    request: Request,
    visit: Visiting,
    address: _Text = "",
    until_on: _Day = "",
    successor: _Text = "",
    first_name: _Text = "",
    last_name: _Text = "",
    moves: _Text = "",
) -> Response:
    """Whoever follows is shown then, with what passed to them."""
    chosen = successions.Successor(successor, first_name, last_name, moves=moves == "yes")

    def act() -> str:
        successions.succeed(visit.mailer, address, until_on, chosen, by=visit.user.address)
        return successor

    return do(request, visit, address, act, done="succeed")
