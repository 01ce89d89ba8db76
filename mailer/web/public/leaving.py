"""Unsubscribing: a page with two buttons, and the one-click POST of mail readers (RFC 8058, rules M14)."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mailer import subscribing
from mailer.model.ledger import Delivery
from mailer.store import snapshots
from mailer.tokens import Purpose
from mailer.web.networks import asking_network
from mailer.web.public.answers import Handler, guarded, page
from mailer.web.public.forms import read_form
from mailer.web.public.services import PublicServices


def unsubscribe(services: PublicServices) -> Handler:
    async def answer(request: Request) -> Response:
        token = request.path_params["token"]
        delivery = await run_in_threadpool(services.delivery, Purpose.UNSUBSCRIBE, token)
        topic = await run_in_threadpool(_topic, services, delivery)
        preferences = services.signer.url("", Purpose.PREFERENCES, delivery.key.encode())
        services.hits.way_out(delivery.key, method=request.method, network=asking_network(request))
        if request.method != "POST":
            title = await run_in_threadpool(_title, services, topic)
            return page(
                services, "leave.html", language=delivery.language, title=title, preferences=preferences
            )
        everything = await _asks_everything(request)
        await run_in_threadpool(_leave, services, delivery, topic, everything)
        title = await run_in_threadpool(_title, services, topic)
        return page(
            services,
            "left.html",
            language=delivery.language,
            title=title,
            everything=everything,
            preferences=preferences,
        )

    return guarded(services, answer)


async def _asks_everything(request: Request) -> bool:
    """The form's second button. Mail readers send `List-Unsubscribe=One-Click`: any other POST leaves the topic."""
    form = await read_form(request)
    return form is not None and form.get("scope") == "everything"


def _topic(services: PublicServices, delivery: Delivery) -> str:
    with services.store.read() as tx:
        return snapshots.topic_of_send(tx, delivery.send_id)


def _title(services: PublicServices, topic: str) -> str:
    """Read from files, so never on the event loop."""
    return services.topics().get(topic, topic)


def _leave(services: PublicServices, delivery: Delivery, topic: str, everything: bool) -> None:
    with services.store.write() as tx:
        subscribing.unsubscribe(
            tx, delivery, topic=topic, everything=everything, at=services.clock.now(), source="one click"
        )
