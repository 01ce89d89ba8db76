"""The preference page: topics, and the answer about the measure of opens."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mailer import subscribing
from mailer.model.ledger import Delivery
from mailer.model.people import TrackingConsent
from mailer.subscribing import Choices, Preferences
from mailer.tokens import Purpose
from mailer.web.public.answers import Handler, guarded, page
from mailer.web.public.services import PublicServices


def preferences(services: PublicServices) -> Handler:
    async def answer(request: Request) -> Response:
        delivery = await run_in_threadpool(
            services.delivery, Purpose.PREFERENCES, request.path_params["token"]
        )
        saved = request.method == "POST"
        if saved:
            await run_in_threadpool(_save, services, delivery, await _choices(request))
        chosen = await run_in_threadpool(_present, services, delivery)
        return page(
            services,
            "preferences.html",
            language=delivery.language,
            topics=services.topics(),
            chosen=chosen,
            saved=saved,
        )

    return guarded(services, answer)


async def _choices(request: Request) -> Choices:
    async with request.form(max_files=0, max_fields=50) as form:
        topics = frozenset(str(each) for each in form.getlist("topic"))
        wanted = str(form.get("tracking", ""))
    known = {each.value for each in TrackingConsent}
    return Choices(topics=topics, tracking=TrackingConsent(wanted if wanted in known else "unknown"))


def _save(services: PublicServices, delivery: Delivery, choices: Choices) -> None:
    with services.store.write() as tx:
        subscribing.save(tx, delivery, known=services.topics(), choices=choices, at=services.clock.now())


def _present(services: PublicServices, delivery: Delivery) -> Preferences:
    with services.store.read() as tx:
        return subscribing.preferences(tx, delivery, services.topics())
