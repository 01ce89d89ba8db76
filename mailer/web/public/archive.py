"""The archive: the letters of a campaign by year, each for everybody to read, and a feed of them (Atom, RFC 4287)."""

import hashlib

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from mailer.app.archives import Archive, ArchivedLetter, feed_id, letter_id, open_archive
from mailer.errors import NotFoundError, TokenError
from mailer.i18n import Translator
from mailer.rendering import Place, public_html
from mailer.store import snapshots
from mailer.web.public.answers import HEADERS, Handler, guarded, page
from mailer.web.public.caching import kept
from mailer.web.public.services import PublicServices
from mailer.web.public.version import mail_policy

#: A feed holds the latest; whoever wants all of them reads the pages.
_IN_FEED = 30
_ATOM = "application/atom+xml; charset=utf-8"
#: What a file may hold and XML may not (XML 1.0 §2.2): a reader of feeds would refuse the whole.
_UNWRITABLE = dict.fromkeys((0xFFFE, 0xFFFF))


def archive(services: PublicServices) -> Handler:
    """The list."""

    async def answer(request: Request) -> Response:
        found = await run_in_threadpool(_open, services, request)
        offered = await run_in_threadpool(_is_offered, services, found)
        shown = page(
            services,
            "archive.html",
            language=found.campaign.language,
            archive=found,
            is_offered=offered,
            is_indexed=not found.campaign.archive_noindex,
        )
        return _kept(request, shown, found)

    return guarded(services, answer)


def archived_letter(services: PublicServices) -> Handler:
    """One letter, as a document without rights, like a web version."""
    policy = mail_policy(services.settings.base_url)

    async def answer(request: Request) -> Response:
        found = await run_in_threadpool(_open, services, request)
        html = await run_in_threadpool(_html, services, found, request.path_params["issue"])
        headers = {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}
        return _kept(request, HTMLResponse(html, headers=headers), found)

    return guarded(services, answer)


def feed(services: PublicServices) -> Handler:
    async def answer(request: Request) -> Response:
        found = await run_in_threadpool(_open, services, request)
        shown = page(
            services,
            "atom.xml",
            language=found.campaign.language,
            archive=found,
            entries=[(letter_id(services.signer, each.sent), each) for each in found.letters[:_IN_FEED]],
            feed_id=feed_id(services.signer, found.campaign.slug),
        )
        written = bytes(shown.body).decode().translate(_UNWRITABLE)
        return _kept(request, Response(written, headers=HEADERS, media_type=_ATOM), found)

    return guarded(services, answer)


def _open(services: PublicServices, request: Request) -> Archive:
    try:
        return open_archive(services.settings, services.store, request.path_params["campaign"])
    except NotFoundError as error:
        raise TokenError(error.text) from error


def _html(services: PublicServices, found: Archive, issue: str) -> str:
    letter = _find(found, issue)
    with services.store.read() as tx:
        frozen = snapshots.get(tx, letter.sent.snapshot_id)
    t = Translator(found.campaign.language, found.campaign.zone)
    return public_html(
        subject=frozen.subject,
        html=frozen.html,
        links=tuple(frozen.links),
        language=frozen.language,
        day=letter.day,
        place=Place(found.letter_url(letter), found.feed, found.url),
        label=t("All letters: {title}", title=found.campaign.title),
    )


def _find(found: Archive, issue: str) -> ArchivedLetter:
    try:
        return found.find(issue)
    except NotFoundError as error:
        raise TokenError(error.text) from error


def _is_offered(services: PublicServices, found: Archive) -> bool:
    return any(each.name == found.campaign.topic for each in services.signups.offers())


def _kept(request: Request, answer: Response, found: Archive) -> Response:
    """Kept by caches, and by search engines unless the campaign asks them not to."""
    answer.headers["X-Robots-Tag"] = "noindex" if found.campaign.archive_noindex else "all"
    return kept(request, answer, etag=hashlib.sha256(bytes(answer.body)).hexdigest()[:32])
