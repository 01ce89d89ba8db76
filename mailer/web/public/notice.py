"""The privacy notice, for everybody: linked from every public page and every web version."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mailer.i18n import LANGUAGES, language_asked
from mailer.web.public.answers import Handler, guarded, page
from mailer.web.public.services import PublicServices


def notice(services: PublicServices) -> Handler:
    async def answer(request: Request) -> Response:
        asked = request.query_params.get("langue", "")
        header = language_asked(request.headers.get("accept-language", ""))
        language = asked if asked in LANGUAGES else header or services.settings.language
        document = await run_in_threadpool(services.notice, language)
        return page(services, "notice.html", language=language, document=document)

    return guarded(services, answer)
