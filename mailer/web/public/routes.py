"""The public routes in one table."""

from starlette.routing import BaseRoute, Route

from mailer.tokens import Purpose
from mailer.web.public.archive import archive, archived_letter, feed
from mailer.web.public.calendars import calendar
from mailer.web.public.confirming import confirm
from mailer.web.public.consenting import consent
from mailer.web.public.hooks import hook
from mailer.web.public.leaving import unsubscribe
from mailer.web.public.measure import Pixel, click
from mailer.web.public.media import medium
from mailer.web.public.notice import notice
from mailer.web.public.preferences import preferences
from mailer.web.public.reading import read_mail, reading
from mailer.web.public.services import PublicServices
from mailer.web.public.signing_up import sign_up
from mailer.web.public.version import web_version


def public_routes(services: PublicServices) -> list[BaseRoute]:
    """Every route that needs no login. HEAD is answered like GET, without effect."""
    return [
        Route("/o/{token}.gif", Pixel(services.hits), methods=["GET", "HEAD"]),
        Route("/c/{token}", click(services), methods=["GET", "HEAD"]),
        Route("/u/{token}", unsubscribe(services), methods=["GET", "HEAD", "POST"]),
        Route("/p/{token}", preferences(services), methods=["GET", "HEAD", "POST"]),
        Route("/oui/{token}", consent(services, Purpose.CONSENT_YES), methods=["GET", "HEAD", "POST"]),
        Route("/non/{token}", consent(services, Purpose.CONSENT_NO), methods=["GET", "HEAD", "POST"]),
        Route("/inscription", sign_up(services), methods=["GET", "HEAD", "POST"]),
        Route("/confidentialite", notice(services), methods=["GET", "HEAD"]),
        Route("/s/{token}", confirm(services), methods=["GET", "HEAD", "POST"]),
        Route("/v/{token}", web_version(services), methods=["GET", "HEAD"]),
        Route("/r/{token}", reading(services), methods=["GET", "HEAD", "POST"]),
        Route("/r/{token}/mail", read_mail(services), methods=["GET", "HEAD"]),
        Route("/hooks/{provider}/{secret}", hook(services), methods=["POST"]),
        Route("/archive/{campaign}", archive(services), methods=["GET", "HEAD"]),
        Route("/archive/{campaign}/atom.xml", feed(services), methods=["GET", "HEAD"]),
        Route("/archive/{campaign}/{issue}", archived_letter(services), methods=["GET", "HEAD"]),
        Route("/agenda/{token}.ics", calendar(services), methods=["GET", "HEAD"]),
        Route("/media/{name}", medium(services), methods=["GET", "HEAD"]),
    ]
