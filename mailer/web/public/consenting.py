"""Where a letter that asks whether openings may be measured is answered: a page on GET, the answer by POST.

Programs that follow every link of a mail answer nothing.
"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mailer import subscribing
from mailer.model.ledger import Delivery
from mailer.model.people import TrackingConsent
from mailer.subscribing import Preferences
from mailer.tokens import Purpose
from mailer.web.public.answers import Handler, guarded, page
from mailer.web.public.forms import read_form
from mailer.web.public.services import PublicServices

_ANSWERS = {each.value: each for each in (TrackingConsent.GRANTED, TrackingConsent.DENIED)}


def consent(services: PublicServices, purpose: Purpose) -> Handler:
    """The page of one of the two links: they differ in which answer stands first."""

    async def answer(request: Request) -> Response:
        delivery = await run_in_threadpool(services.delivery, purpose, request.path_params["token"])
        form = await read_form(request) if request.method == "POST" else None
        said = _ANSWERS.get(str(form.get("tracking"))) if form is not None else None
        if said is not None:
            await run_in_threadpool(_save, services, delivery, said)
        chosen = await run_in_threadpool(_present, services, delivery)
        return page(
            services,
            "consent.html",
            language=chosen.language or delivery.language,
            chosen=chosen,
            saved=said is not None,
            yes_first=purpose is Purpose.CONSENT_YES,
            preferences=services.signer.url("", Purpose.PREFERENCES, delivery.key.encode()),
        )

    return guarded(services, answer)


def _save(services: PublicServices, delivery: Delivery, said: TrackingConsent) -> None:
    with services.store.write() as tx:
        subscribing.answer(tx, delivery, said, at=services.clock.now())


def _present(services: PublicServices, delivery: Delivery) -> Preferences:
    with services.store.read() as tx:
        return subscribing.preferences(tx, delivery, {})
