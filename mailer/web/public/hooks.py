"""Webhooks: secret path, signature over the raw bytes, recorded and committed before the 2xx."""

import hmac

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from mailer import tracking
from mailer.errors import StoreError
from mailer.failpoints import failpoint
from mailer.model.mail import RawRequest
from mailer.providers import BadSignature, Malformed
from mailer.web.public.answers import Handler
from mailer.web.public.forms import read_body
from mailer.web.public.services import PublicServices

_log = structlog.get_logger()
#: At most a megabyte of a webhook is ever held.
_MOST_BYTES = 1_000_000


def hook(services: PublicServices) -> Handler:
    """401 for a false signature, 400 for a shape nobody documents, 413 for a flood, 503 so that it comes again."""
    secret = services.settings.provider.webhook_secret.get_secret_value().encode()

    async def answer(request: Request) -> Response:
        named = request.path_params["provider"] == services.provider.name
        if not (
            named
            and secret
            and hmac.compare_digest(request.path_params["secret"].encode("utf-8", "replace"), secret)
        ):
            return _refused(services, "address", PlainTextResponse("not found", 404))
        try:
            body = await read_body(request, at_most=_MOST_BYTES)
        except ClientDisconnect:
            return _refused(services, "incomplete", PlainTextResponse("incomplete", 400))
        if body is None:
            return _refused(services, "too-large", PlainTextResponse("too large", 413))
        headers = {name.lower(): value for name, value in request.headers.items()}
        raw = RawRequest(headers=headers, body=body, received_at=services.clock.now())
        return await run_in_threadpool(_record, services, raw)

    return answer


def _record(services: PublicServices, raw: RawRequest) -> Response:
    try:
        events = services.provider.parse_webhook(raw)
        if events:
            with services.store.write() as tx:
                tracking.record(tx, events, at=raw.received_at)
            failpoint("event-recorded")
    except BadSignature:
        return _refused(services, "signature", PlainTextResponse("signature", 401))
    except Malformed:
        return _refused(services, "malformed", PlainTextResponse("malformed", 400))
    except StoreError as error:
        _log.warning("webhook not recorded", reason=str(error))
        return PlainTextResponse("try again", 503)
    for event in events:
        services.hook_counts.reported(event.provider, event.kind.value)
    return PlainTextResponse("ok")


def _refused(services: PublicServices, reason: str, answer: Response) -> Response:
    """Logged by our own words: what a stranger sent is never repeated in a log."""
    _log.warning("webhook refused", provider=services.provider.name, reason=reason)
    services.hook_counts.refused(services.provider.name, reason)
    return answer
