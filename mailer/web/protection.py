"""What protects every answer: security headers, known hosts, and forms that come from our own pages."""

from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mailer.errors import RefusedError
from mailer.settings import Settings

#: No script at all, no inline style: what a mail or a file of the workspace says can never become code here.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
#: A page with a script of ours that asks nobody anything.
SCRIPT_POLICY = f"{POLICY}; script-src 'self'"
#: A page with parts that renew themselves: our own file may ask our own server, and nobody else's anything.
LIVE_POLICY = f"{SCRIPT_POLICY}; connect-src 'self'"
#: A preview: a document of its own without origin, scripts, forms or network; its pictures are inlined.
PREVIEW_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "base-uri 'none'; form-action 'none'"
)
#: The preview beside the composer: the same, but the page around it may read where it was scrolled to. No script can
#: run in it (neither the sandbox nor the policy allows one), so that its origin is of no use to what a mail says.
COMPOSED_POLICY = PREVIEW_POLICY.replace("sandbox;", "sandbox allow-same-origin;")
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: browsers would then send forms with `Origin: null`.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
    # Drafts and results are nobody's to find (security S24).
    "X-Robots-Tag": "noindex",
}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: No form of the desk is longer, but the one with a spreadsheet.
MOST_FORM_BYTES = 64_000


class SecurityHeaders:
    """Adds the headers that an answer has not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if scope["path"].startswith("/static/"):
                    headers.setdefault(
                        "Cache-Control", "no-cache"
                    )  # kept, but asked for anew: the ETag answers
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, guarded if scope["type"] == "http" else send)


def known_hosts(settings: Settings) -> list[str]:
    """The names under which the desk answers; any other is refused with 400."""
    return [urlsplit(settings.base_url).hostname or "", "127.0.0.1", "localhost"]


def require_own_form(request: Request) -> None:
    """Refuse a form that another site sent, also where there is no session yet (logging in)."""
    origin = request.headers.get("origin")
    if origin:
        own = urlsplit(origin).netloc == request.headers.get("host")
    else:
        own = request.headers.get("sec-fetch-site") == "same-origin"
    if request.method not in SAFE_METHODS and not own:
        raise ForeignFormError(
            "This form was not sent from the desk. Open the page again and send it from there."
        )


class ForeignFormError(RefusedError):
    """A form of another site, or without the token of the session."""
