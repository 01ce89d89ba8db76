"""The link of the confirmation mail: GET shows what was asked for, POST subscribes (security S10)."""

from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mailer.app.topics import Topic
from mailer.i18n import Translator
from mailer.web.public.answers import Handler, guarded, page
from mailer.web.public.forms import read_form
from mailer.web.public.services import PublicServices


def confirm(services: PublicServices) -> Handler:
    async def answer(request: Request) -> Response:
        token = request.path_params["token"]
        asked, topics = await run_in_threadpool(services.signups.find, token)
        shown = _sentence(services, asked.language, topics)
        if request.method != "POST":
            return page(services, "confirm.html", language=asked.language, topics=topics, shown=shown)
        form = await read_form(request)
        accepts = form is not None and form.get("measure") == "granted"
        topics = await run_in_threadpool(
            lambda: services.signups.confirm(token, shown=shown, accepts_measure=accepts)
        )
        return page(services, "confirmed.html", language=asked.language, topics=topics)

    return guarded(services, answer)


def _sentence(services: PublicServices, language: str, topics: Sequence[Topic]) -> str:
    """What the button says yes to: kept with the subscription as its proof."""
    t = Translator(language, services.settings.time_zone)
    titles = ", ".join(t("“{text}”", text=each.title) for each in topics)
    return t(
        "I want to receive {titles} from {network}, until I unsubscribe.",
        titles=titles,
        network=services.settings.network.name,
    )
