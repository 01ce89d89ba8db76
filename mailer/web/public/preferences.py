"""The preference page: topics, a pause, the language, and the answer about the measure of opens. Each has its own form."""

from collections.abc import Mapping
from datetime import date, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from mailer import subscribing
from mailer.clock import local_date
from mailer.errors import InputError, RefusedError
from mailer.i18n import LANGUAGES
from mailer.model.ledger import Delivery
from mailer.model.people import TrackingConsent
from mailer.subscribing import LONGEST_PAUSE, Choices, Preferences
from mailer.tokens import Purpose
from mailer.web.public.answers import Handler, guarded, page
from mailer.web.public.forms import read_form
from mailer.web.public.services import PublicServices

_ANSWERS = (TrackingConsent.GRANTED.value, TrackingConsent.DENIED.value)
_NOTHING: frozenset[str] = frozenset()


def preferences(services: PublicServices) -> Handler:
    async def answer(request: Request) -> Response:
        delivery = await run_in_threadpool(
            services.delivery, Purpose.PREFERENCES, request.path_params["token"]
        )
        form = await read_form(request) if request.method == "POST" else None
        error = None
        choices = None
        try:
            choices = _choices(form, _today(services)) if form is not None else None
            if choices is not None:
                await run_in_threadpool(_save, services, delivery, choices)
        except RefusedError:
            raise
        except InputError as wrong:
            error = wrong
        return await run_in_threadpool(lambda: _page(services, delivery, error, saved=choices is not None))

    return guarded(services, answer)


def _choices(form: FormData, today: date) -> Choices | None:
    """What one of our forms says; None for any other POST: it must not read as having unticked everything."""
    match form.get("form"):
        case "topics":
            return Choices(shown=_texts(form, "shown"), topics=_texts(form, "topic"))
        case "tracking" if form.get("tracking") in _ANSWERS:
            return Choices(_NOTHING, _NOTHING, tracking=TrackingConsent(str(form["tracking"])))
        case "pause":
            until = "" if form.get("act") == "end" else str(form.get("until", "")) or "none"
            return Choices(_NOTHING, _NOTHING, pause=subscribing.pause_until(until, today=today))
        case "language" if form.get("language") in LANGUAGES:
            return Choices(_NOTHING, _NOTHING, language=str(form["language"]))
    return None


def _texts(form: FormData, name: str) -> frozenset[str]:
    return frozenset(str(each) for each in form.getlist(name))


def _today(services: PublicServices) -> date:
    return local_date(services.clock.now(), services.settings.time_zone)


def _save(services: PublicServices, delivery: Delivery, choices: Choices) -> None:
    topics = services.topics()
    with services.store.write() as tx:
        subscribing.save(tx, delivery, known=topics, choices=choices, at=services.clock.now())


def _page(services: PublicServices, delivery: Delivery, error: InputError | None, *, saved: bool) -> Response:
    topics, chosen = _present(services, delivery)
    today = _today(services)
    until = chosen.paused_until
    return page(
        services,
        "preferences.html",
        language=chosen.language or delivery.language,
        status=422 if error else 200,
        topics=topics,
        chosen=chosen,
        saved=saved,
        error=error,
        pause=until if until is not None and until > today else None,
        first=(today + timedelta(days=1)).isoformat(),
        last=(today + LONGEST_PAUSE).isoformat(),
    )


def _present(services: PublicServices, delivery: Delivery) -> tuple[Mapping[str, str], Preferences]:
    topics = services.topics()
    with services.store.read() as tx:
        return topics, subscribing.preferences(tx, delivery, topics)
