"""The web version: the person's own copy, without a pixel and with plain links, as a document without rights."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from mailer.i18n import Translator
from mailer.model.ledger import Delivery
from mailer.model.mail import Links, Person
from mailer.rendering import Copies, printable
from mailer.store import sends, snapshots
from mailer.tokens import Purpose
from mailer.web.public.answers import HEADERS, Handler, guarded
from mailer.web.public.services import PublicServices


def mail_policy(origin: str) -> str:
    """A mail as a page of its own: its own styles and pictures, and nothing else."""
    return (
        "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; "
        f"default-src 'none'; img-src 'self' {origin}; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )


def web_version(services: PublicServices) -> Handler:
    """Members-only issues too are reached by this personal link only."""
    policy = mail_policy(services.settings.base_url)

    async def answer(request: Request) -> Response:
        delivery = await run_in_threadpool(services.delivery, Purpose.VIEW, request.path_params["token"])
        html = await run_in_threadpool(_html, services, delivery)
        return HTMLResponse(html, headers={**HEADERS, "Content-Security-Policy": policy})

    return guarded(services, answer)


def _html(services: PublicServices, delivery: Delivery) -> str:
    with services.store.read() as tx:
        send = sends.get(tx, delivery.send_id)
        snapshot = snapshots.get(tx, send.snapshot_id)
    copies = Copies.of(snapshot, second=delivery.second_subject, day=send.day)

    def url(purpose: Purpose) -> str:
        return services.signer.url(services.settings.base_url, purpose, delivery.key.encode())

    links = Links(
        url(Purpose.UNSUBSCRIBE),
        url(Purpose.PREFERENCES),
        url(Purpose.VIEW),
        url(Purpose.CONSENT_YES),
        url(Purpose.CONSENT_NO),
    )
    html = printable(copies.content(Person(address=delivery.address, **delivery.merge), links).html)
    return _with_notice(html, services, snapshot.language)


def _with_notice(html: str, services: PublicServices, language: str) -> str:
    """A link to the privacy notice below the letter: the mail itself has its own foot."""
    words = Translator(language)("How we treat your data")
    url = f"{services.settings.base_url}/confidentialite?langue={language}"
    foot = f'<p style="margin:16px;text-align:center;font-family:sans-serif;font-size:14px"><a href="{url}">{words}</a></p>'
    head, closing, tail = html.rpartition("</body>")
    return f"{head}{foot}{closing}{tail}" if closing else html
