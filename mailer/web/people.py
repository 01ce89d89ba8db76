"""One person: found by a form, so that no address stands in a URL, a history or a log."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from mailer.app import persons, pressures, successions
from mailer.errors import InputError, NotFoundError, RefusedError
from mailer.i18n import marked
from mailer.web import person_words
from mailer.web.pages import page
from mailer.web.visits import Visit, Visiting

router = APIRouter(prefix="/personnes")
DONE = {
    "efface": marked(
        "The person is erased. The counts of past letters stay; nothing names the person any more."
    ),
    "edit": marked("It is written down."),
    "move": marked("The address is changed. The former one comes back with no file."),
    "succeed": marked(
        "The function has passed to this person, with its letters. The other keeps what they asked for."
    ),
    "merge": marked("The two contacts are one person now."),
}


@router.get("", name="people")
def people(request: Request, visit: Visiting, fait: str = "") -> Response:
    return show(request, visit, done=fait)


@router.post("", name="find_person")
def find(
    request: Request,
    visit: Visiting,
    wanted: Annotated[str, Form()] = "",
    page_number: Annotated[int, Form(alias="page", ge=1, le=100_000)] = 1,
) -> Response:
    """By address, or by a part of the name, the address or the organisation; page by page."""
    missing: InputError | None = None
    if "@" in wanted:
        try:
            return show(request, visit, typed=wanted, person=persons.find(visit.mailer, wanted))
        except InputError as error:
            missing = error
    found = persons.search(visit.mailer, wanted, page=page_number)
    if not found.people:
        return show(
            request, visit, typed=wanted, error=missing or NotFoundError("Nobody here has this name.")
        )
    return show(request, visit, typed=wanted, found=found)


@router.post("/export", name="export_person")
def export(request: Request, visit: Visiting, address: Annotated[str, Form()] = "") -> Response:
    """Everything that is stored about the person, as a JSON file."""
    try:
        text = persons.export(visit.mailer, address, by=visit.user.address)
    except InputError as error:
        return show(request, visit, typed=address, error=error)
    headers = {"Content-Disposition": f'attachment; filename="{visit.t("person")}.json"'}
    return Response(text, media_type="application/json; charset=utf-8", headers=headers)


@router.post("/effacer", name="erase_person")
def erase(
    request: Request,
    visit: Visiting,
    address: Annotated[str, Form()] = "",
    sure: Annotated[str, Form()] = "",
) -> Response:
    try:
        if sure != "yes":
            raise RefusedError("Tick that you are sure: an erasure cannot be undone. Nothing was erased.")
        persons.erase(visit.mailer, address, by=visit.user.address)
    except InputError as error:
        return show(request, visit, typed=address, error=error)
    return RedirectResponse("/personnes?fait=efface", status_code=303)


def show(
    request: Request,
    visit: Visit,
    *,
    typed: str = "",
    done: str = "",
    person: dict[str, Any] | None = None,
    found: persons.Found | None = None,
    error: InputError | None = None,
) -> Response:
    status = 200
    if error is not None:
        status = 404 if isinstance(error, NotFoundError) else 422
    return page(
        request,
        "people.html",
        visit,
        status=status,
        here="audiences",
        typed=typed,
        done=done,
        person=person,
        mails=pressures.of_person(visit.mailer, person["address"]) if person else (),
        functions=successions.history(visit.mailer, person["address"]) if person else (),
        passing=_titles(visit, person["address"]) if person else (),
        found=found,
        words_done=DONE,
        person_words=person_words,
        topics=visit.mailer.topics(),
        error=error,
    )


def _titles(visit: Visit, address: str) -> list[str]:
    """The letters that would pass to a successor, as people call them."""
    titles = visit.mailer.topics()
    return [titles.get(each, each) for each in successions.passing(visit.mailer, address)]
