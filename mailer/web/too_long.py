"""A form that is longer than the desk reads: what the limit would say in three words is said in a page, or to a script."""

from collections.abc import Mapping, Set
from http import HTTPStatus
from types import MappingProxyType

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mailer import importing
from mailer.app.campaign_media import MOST_BYTES as MOST_FILE_BYTES
from mailer.errors import InputError
from mailer.web import composing_reading
from mailer.web.pages import open_page, page
from mailer.web.protection import MOST_FORM_BYTES
from mailer.web.visits import LoginNeeded, known_visit

_STATUS = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
_MEGABYTE = 1_000_000
_NOT_READ = InputError(
    "This form is longer than the desk reads ({kilobytes} kB): nothing of it was saved.\n"
    "Go back and send a shorter text.",
    kilobytes=MOST_FORM_BYTES // 1_000,
)
#: What is said of the forms that carry files, by the name of their route.
_SAID: Mapping[str, InputError] = MappingProxyType(
    {
        "compose_save": InputError(
            "What you sent weighs more than {most} MB together: the desk stopped reading, and saved nothing of it. "
            "The letter is as you last saved it; what you wrote since has to be written again.\n"
            "A picture or a file may weigh {file} MB. Send one at a time, make it smaller (1,088 pixels wide are enough), "
            "or link to it; save what you write before a large file.",
            most=composing_reading.MOST_BYTES // _MEGABYTE,
            file=MOST_FILE_BYTES // _MEGABYTE,
        ),
        "import_upload": InputError(
            "This file weighs more than {most} MB: the desk stopped reading, and imported nothing of it.\n"
            "Cut it into several files with the same first line, or keep only the columns that are needed.",
            most=importing.MAX_BYTES // _MEGABYTE,
        ),
    }
)


class TooLong:
    """Answers in the place of the limit, for the routes of the desk, by their names; the others are asked by programs."""

    def __init__(self, app: ASGIApp, routes: Set[str]) -> None:
        self.app = app
        self.routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_ours = False

        async def guarded(message: Message) -> None:
            nonlocal is_ours
            if message["type"] == "http.response.start" and message["status"] == _STATUS:
                is_ours = getattr(scope.get("route"), "name", "") in self.routes
            if not is_ours:
                await send(message)

        await self.app(scope, receive, guarded)
        if is_ours:
            answer = await run_in_threadpool(_answer, Request(scope))
            await answer(scope, receive, send)


def _answer(request: Request) -> Response:
    """In the desk for whoever has logged in: the way back leads to where the form was."""
    error = _SAID.get(request.scope["route"].name, _NOT_READ)
    try:
        visit = known_visit(request)
    except LoginNeeded:
        return open_page(request, "error.html", status=_STATUS, code=_STATUS.value, error=error)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"error": visit.t.error(error)}, _STATUS)
    back, here = _way_back(request)
    return page(request, "too_long.html", visit, status=_STATUS, here=here, error=error, back=back)


def _way_back(request: Request) -> tuple[str, str]:
    """The page of the form, and what is marked in the navigation; the first page where a form has none of its own."""
    path, names = request.url.path, {"compose_save": "letters", "import_upload": "audiences"}
    here = names.get(request.scope["route"].name, "")
    return (path if here else "/", here)
