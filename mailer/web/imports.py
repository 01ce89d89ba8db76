"""Importing a spreadsheet: choose it, look at what would happen, say yes. Nothing is written before the yes."""

from contextlib import suppress
from typing import BinaryIO

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from mailer import importing
from mailer.app import rejects, undoing, uploads
from mailer.errors import InputError, MailerError, NotFoundError
from mailer.importing import lines_to_mend, read_table
from mailer.web import import_columns, import_reading, import_words
from mailer.web.pages import page
from mailer.web.protection import ForeignFormError
from mailer.web.receiving import Fields, receive
from mailer.web.visits import Count, Uploading, Visit, Visiting

router = APIRouter(prefix="/importer")
#: The one form of the desk that may be long: see `MOST_BYTES`.
with_file = APIRouter(prefix="/importer")
#: The file, and the little around it.
MOST_BYTES = importing.MAX_BYTES + 10_000
#: So many rejected lines are listed; the file to mend holds all of them.
_LISTED = 200
_HISTORY = 20
_CSV = "text/csv; charset=utf-8"


@router.get("", name="imports")
def start(request: Request, visit: Visiting, fait: str = "", restent: Count = 0) -> Response:
    return _start(request, visit, done=fait, staying=max(0, restent))


@with_file.post("", name="import_upload")
async def upload(request: Request, visit: Uploading) -> Response:
    """Keep the file privately and show what it would do."""
    kept: list[uploads.Upload] = []

    def check(fields: Fields) -> None:
        visit.require_token(fields.get("csrf", ""))
        if fields.get("kind") not in importing.IMPORTS:
            raise InputError("Say what the file holds: organisations, exclusions or contacts.")

    def opening(fields: Fields, name: str) -> BinaryIO:
        new, path = uploads.create(visit.mailer, kind=fields["kind"], name=name, user_id=_own_id(visit))
        kept.append(new)
        return path.open("xb")

    try:
        if not await receive(request, check=check, opening=opening):
            raise InputError("Choose a file first.")
    except ForeignFormError:
        raise
    except InputError as error:
        _discard(kept)
        return _start(request, visit, error=error, status=422)
    except BaseException:
        # Too long, broken off, foreign: nothing of it stays.
        _discard(kept)
        raise
    return RedirectResponse(f"/importer/{uploads.token_of(visit.mailer, kept[0])}", status_code=303)


@router.get("/avancement", name="import_advance")
def advance(request: Request, visit: Visiting) -> Response:
    """How far this account's file is, for the page that waits for it; nothing where none is on its way."""
    found = visit.mailer.imports.advances.of(_own_id(visit))
    if found is None:
        return Response(status_code=204)
    return page(request, "import_advance.html", visit, advance=found)


@router.get("/{token}", name="import_check")
def check(request: Request, visit: Visiting, token: str) -> Response:
    """What the waiting file would do."""
    waiting = uploads.find(visit.mailer, token, user_id=_own_id(visit))
    reading = import_reading.chosen(request.query_params)
    try:
        return _look(request, visit, waiting, reading)
    except InputError as error:
        # What was chosen, or guessed, does not fit: the file stays, and is shown in another way.
        for other in import_reading.instead_of(reading, error):
            with suppress(InputError):
                found = uploads.look(visit.mailer, waiting, reading=other)
                return _check(request, visit, waiting, found, reading=other, error=error)
        uploads.discard(waiting)
        return _start(request, visit, error=error, status=422)


@router.get("/{token}/rejets", name="import_rejected")
def rejected(request: Request, visit: Visiting, token: str) -> Response:
    """The rejected lines as a CSV file that can be mended and imported again."""
    waiting = uploads.find(visit.mailer, token, user_id=_own_id(visit))
    reading = import_reading.chosen(request.query_params)
    places = import_columns.chosen(request.query_params)
    found = uploads.look(visit.mailer, waiting, places=places, reading=reading)
    lines = found.report.rejected if found.report else ()
    pieces = lines_to_mend(read_table(waiting.path, reading=reading), lines, visit.t)
    return StreamingResponse(pieces, media_type=_CSV, headers=_attached(visit))


@router.get("/historique/{run_id}/rejets", name="import_rejected_then")
def rejected_then(visit: Visiting, run_id: int) -> Response:
    """The rejected lines of an import that was carried out."""
    return Response(
        rejects.read(visit.mailer.settings.state, run_id), media_type=_CSV, headers=_attached(visit)
    )


@router.post("/{token}/confirmer", name="import_confirm")
def confirm(request: Request, visit: Visiting, token: str) -> Response:
    waiting = uploads.find(visit.mailer, token, user_id=_own_id(visit))
    try:
        places = import_columns.chosen(request.query_params)
        reading = import_reading.chosen(request.query_params)
        uploads.confirm(visit.mailer, waiting, by=visit.user.address, places=places, reading=reading)
    except NotFoundError:
        raise
    except MailerError as error:
        return _start(request, visit, error=error, status=422)
    return RedirectResponse("/importer?fait=import", status_code=303)


@router.post("/{token}/abandonner", name="import_discard")
def discard(visit: Visiting, token: str) -> Response:
    uploads.discard(uploads.find(visit.mailer, token, user_id=_own_id(visit)))
    return RedirectResponse("/importer?fait=abandon", status_code=303)


@router.post("/{run_id}/annuler", name="import_undo")
def undo(request: Request, visit: Visiting, run_id: int) -> Response:
    try:
        staying = undoing.undo(visit.mailer, run_id, by=visit.user.address)
    except NotFoundError:
        raise
    except MailerError as error:
        return _start(request, visit, error=error, status=409)
    more = f"&restent={staying}" if staying else ""
    return RedirectResponse(f"/importer?fait=annulation{more}", status_code=303)


def _look(request: Request, visit: Visit, waiting: uploads.Upload, reading: importing.Reading) -> Response:
    try:
        places = import_columns.chosen(request.query_params)
    except import_columns.TwiceError as error:
        found = uploads.look(visit.mailer, waiting, reading=reading)
        return _check(request, visit, waiting, found, reading=reading, error=error)
    if import_columns.COUNT in request.query_params:
        # Read in another way: what was chosen holds as long as the file has as many columns.
        plain = uploads.look(visit.mailer, waiting, reading=reading)
        if not import_columns.fits(request.query_params, plain.file):
            return _check(request, visit, waiting, plain, reading=reading)
    found = uploads.look(visit.mailer, waiting, places=places, reading=reading)
    return _check(request, visit, waiting, found, reading=reading)


def _check(
    request: Request,
    visit: Visit,
    waiting: uploads.Upload,
    found: uploads.Look,
    *,
    reading: importing.Reading = importing.GUESSED,
    error: InputError | None = None,
) -> Response:
    report = found.report
    query = import_columns.query(found.file) if import_columns.chosen_any(request.query_params) else ""
    return page(
        request,
        "import_check.html",
        visit,
        script="importing.js",
        status=422 if error else 200,
        here="audiences",
        base=f"/importer/{uploads.token_of(visit.mailer, waiting)}",
        query=import_reading.joined(reading, query),
        reading=import_reading.values(reading),
        encodings=import_reading.encodings(visit.t),
        separators=import_reading.separators(visit.t),
        file_name=waiting.path.name,
        look=found,
        file=found.file,
        is_chosen=bool(query),
        columns=import_columns.rows(found.file, found.sample, visit.t),
        options=import_columns.options(found.file, visit.t),
        report=report,
        listed=report.rejected[:_LISTED] if report else (),
        noted=report.notes[:_LISTED] if report else (),
        error=error,
        import_words=import_words,
    )


def _start(
    request: Request,
    visit: Visit,
    *,
    done: str = "",
    staying: int = 0,
    error: MailerError | None = None,
    status: int = 200,
) -> Response:
    history, undoable = undoing.history(visit.mailer, limit=_HISTORY)
    return page(
        request,
        "imports.html",
        visit,
        script="importing.js",
        status=status,
        here="audiences",
        history=history,
        undoable=undoable,
        with_rejects=rejects.kept(visit.mailer.settings.state),
        until=importing.UNDOABLE_FOR,
        done=done,
        staying=staying,
        error=error,
        import_words=import_words,
        most_megabytes=importing.MAX_BYTES // 10**6,
    )


def _attached(visit: Visit) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{visit.t("rejected-lines")}.csv"'}


def _discard(kept: list[uploads.Upload]) -> None:
    for each in kept:
        uploads.discard(each)


def _own_id(visit: Visit) -> int:
    assert visit.user.id is not None
    return visit.user.id
