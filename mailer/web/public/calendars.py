"""The calendar file of an event: whoever opens it months later still gets the date as it is now."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mailer.app.calendar_files import CalendarFile, calendar_file
from mailer.tokens import Purpose
from mailer.web.public.answers import Handler, guarded
from mailer.web.public.caching import kept
from mailer.web.public.services import PublicServices


def calendar(services: PublicServices) -> Handler:
    """For everybody who has its address: it holds nothing of a person."""

    async def answer(request: Request) -> Response:
        file = await run_in_threadpool(_file, services, request.path_params["token"])
        found = Response(
            file.body,
            media_type="text/calendar; charset=utf-8; method=PUBLISH",
            headers={"Content-Disposition": f'attachment; filename="{file.name}"', "X-Robots-Tag": "noindex"},
        )
        return kept(request, found, etag=file.etag)

    return guarded(services, answer)


def _file(services: PublicServices, token: str) -> CalendarFile:
    ref = services.signer.verify(Purpose.EVENT, token).decode("utf-8", "replace")
    return calendar_file(services.settings, services.store, services.signer, ref)
