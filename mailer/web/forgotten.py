"""A lost password: whoever asks gets the same answer, known or not, and the mail leaves afterwards."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Form, Request
from fastapi.responses import Response

from mailer.addresses import AddressError, normalise
from mailer.errors import InputError
from mailer.store import accounts
from mailer.web.pages import open_page
from mailer.web.protection import require_own_form
from mailer.web.tries import source_of
from mailer.web.visits import mailer_of

router = APIRouter(prefix="/mot-de-passe-perdu", dependencies=[Depends(require_own_form)])

WINDOW = timedelta(hours=1)
#: Links for one address in an hour; more are not sent, and nobody is told.
MOST_OF_AN_ADDRESS = 3
#: Requests from one place in an hour (an office shares its place).
MOST_OF_A_SOURCE = 20


@router.get("", name="forgotten")
def forgotten(request: Request) -> Response:
    return open_page(request, "forgotten.html", address="", asked=False)


@router.post("", name="ask_reset")
def ask_reset(
    request: Request, later: BackgroundTasks, address: Annotated[str, Form(max_length=1000)] = ""
) -> Response:
    """Keep the wish and answer; nothing here looks whether there is such an account."""
    mailer = mailer_of(request)
    try:
        wanted = normalise(address)
    except AddressError as error:
        return _refused(request, address, error, status=422)
    source, now = f"reset:{source_of(request, mailer)}", mailer.clock.now()
    with mailer.store.write() as tx:
        accounts.hold_failures(tx, source, f"reset:{wanted}")
        of_source, _ = accounts.failures(tx, source, since=now - WINDOW)
        of_address, _ = accounts.failures(tx, f"reset:{wanted}", since=now - WINDOW)
        if of_source < MOST_OF_A_SOURCE:
            accounts.record_failure(tx, source, f"reset:{wanted}", at=now)
    if of_source >= MOST_OF_A_SOURCE:
        many = InputError("Too many requests came from your network. Try again in an hour.")
        return _refused(request, address, many, status=429)
    if of_address < MOST_OF_AN_ADDRESS:
        mailer.account_mails.ask_reset(wanted)
    later.add_task(mailer.account_mails.send_waiting)
    return open_page(request, "forgotten.html", address="", asked=True)


def _refused(request: Request, address: str, error: InputError, *, status: int) -> Response:
    return open_page(request, "forgotten.html", status=status, address=address, asked=False, error=error)
