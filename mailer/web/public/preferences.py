"""The preference page: topics, and the answer about the measure of opens."""

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from mailer import subscribing
from mailer.model.ledger import Delivery
from mailer.model.people import TrackingConsent
from mailer.subscribing import Choices, Preferences
from mailer.tokens import Purpose
from mailer.web.public.answers import Handler, guarded, page
from mailer.web.public.forms import read_form
from mailer.web.public.services import PublicServices

_ANSWERS = (TrackingConsent.GRANTED.value, TrackingConsent.DENIED.value)


def preferences(services: PublicServices) -> Handler:
    async def answer(request: Request) -> Response:
        delivery = await run_in_threadpool(
            services.delivery, Purpose.PREFERENCES, request.path_params["token"]
        )
        choices = await _choices(request) if request.method == "POST" else None
        if choices is not None:
            await run_in_threadpool(_save, services, delivery, choices)
        topics, chosen = await run_in_threadpool(_present, services, delivery)
        return page(
            services,
            "preferences.html",
            language=delivery.language,
            topics=topics,
            chosen=chosen,
            saved=choices is not None,
        )

    return guarded(services, answer)


async def _choices(request: Request) -> Choices | None:
    """What one of our two forms says; None for any other POST: it must not read as having unticked everything."""
    form = await read_form(request)
    if form is None:
        return None
    if form.get("form") == "tracking" and form.get("tracking") in _ANSWERS:
        return Choices(shown=frozenset(), topics=frozenset(), tracking=TrackingConsent(str(form["tracking"])))
    if form.get("form") != "topics":
        return None
    return Choices(shown=_texts(form, "shown"), topics=_texts(form, "topic"))


def _texts(form: FormData, name: str) -> frozenset[str]:
    return frozenset(str(each) for each in form.getlist(name))


def _save(services: PublicServices, delivery: Delivery, choices: Choices) -> None:
    topics = services.topics()
    with services.store.write() as tx:
        subscribing.save(tx, delivery, known=topics, choices=choices, at=services.clock.now())


def _present(services: PublicServices, delivery: Delivery) -> tuple[Mapping[str, str], Preferences]:
    topics = services.topics()
    with services.store.read() as tx:
        return topics, subscribing.preferences(tx, delivery, topics)
