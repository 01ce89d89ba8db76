"""How public pages are drawn: in the reader's language, without scripts, never cached, never indexed."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import cache, wraps
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from mailer.errors import InputError, RefusedError, StoreError, TokenError
from mailer.i18n import LANGUAGES, Translator
from mailer.web.public.services import PublicServices

Handler = Callable[[Request], Awaitable[Response]]
HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}
#: What stands for a token in previews and proofs (mailer.app.preview).
PREVIEW_TOKEN = "apercu"  # noqa: S105  # no secret
_PREVIEWED = TokenError("This is a preview: its personal links work in the letters that are really sent.")


@cache
def _pages() -> Environment:
    folder = Path(__file__).parent / "templates"
    return Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


def local_hour(t: Translator, local_at: str) -> str:
    """A local hour of a file, `2026-06-11 09:00`, in words."""
    at = datetime.strptime(local_at, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(t.zone))
    return t.instant(at)


def page(
    services: PublicServices, name: str, *, language: str, status: int = 200, **values: object
) -> HTMLResponse:
    """One page; unknown languages fall back to the installation's."""
    chosen = language if language in LANGUAGES else services.settings.language
    t = Translator(chosen, services.settings.time_zone)
    shared = {"t": t, "hour": local_hour, "language": chosen, "network": services.settings.network}
    html = _pages().get_template(name).render(**{"is_indexed": False, **shared, **values})
    return HTMLResponse(html, status_code=status, headers=HEADERS)


def guarded(services: PublicServices, handler: Handler) -> Handler:
    """A link that is not ours is a friendly 404; a database that refuses is a 503, so that senders try again."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        language = services.settings.language
        try:
            return await handler(request)
        except RefusedError as error:
            return page(services, "sentence.html", language=language, status=410, error=error)
        except TokenError as error:
            said = _PREVIEWED if request.path_params.get("token") == PREVIEW_TOKEN else error
            return page(services, "sentence.html", language=language, status=404, error=said)
        except StoreError:
            busy = InputError("The service is busy. Nothing was lost; try again in a minute.")
            return page(services, "sentence.html", language=language, status=503, error=busy)

    return answer
