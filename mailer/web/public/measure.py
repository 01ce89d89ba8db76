"""The pixel and the tracked links: the answer leaves at once, whatever becomes of the hit."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mailer.tokens import Purpose
from mailer.tracking import Hits
from mailer.web.networks import asking_network
from mailer.web.protection import HEADERS as PROTECTION
from mailer.web.public.answers import Handler, guarded
from mailer.web.public.services import PublicServices

#: A transparent GIF of one pixel, 43 bytes.
PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
_FRESH = {"Cache-Control": "no-store, max-age=0"}
_HEADERS = [
    (b"content-type", b"image/gif"),
    (b"content-length", b"43"),
    *((name.lower().encode(), value.encode()) for name, value in {**PROTECTION, **_FRESH}.items()),
]
_BEGINNING, _END = f"/{Purpose.OPEN}/", ".gif"


class Pixel:
    """A raw ASGI route: the busiest of all. A forged token gets the same picture, and writes nothing (security S22)."""

    def __init__(self, hits: Hits) -> None:
        self._hits = hits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        agent = next((value for name, value in scope["headers"] if name == b"user-agent"), b"")
        token = scope["path"].removeprefix(_BEGINNING).removesuffix(_END)
        self._hits.open(token, user_agent=agent.decode("latin-1"), method=scope["method"])
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": PIXEL})


class PixelsFirst:
    """Answers pixels before two hundred routes are asked whether they are meant; everything else goes on as it came."""

    def __init__(self, app: ASGIApp, hits: Hits) -> None:
        self._app = app
        self._pixel = Pixel(hits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._pixel if _is_pixel(scope) else self._app)(scope, receive, send)


def _is_pixel(scope: Scope) -> bool:
    """As the route of the pixel says it: one segment, read."""
    if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
        return False
    path: str = scope["path"]
    return path.startswith(_BEGINNING) and path.endswith(_END) and path.count("/") == _BEGINNING.count("/")


def click(services: PublicServices) -> Handler:
    """A redirect to a target of the frozen issue, never to one of the request (security S8)."""

    async def answer(request: Request) -> Response:
        token, agent = request.path_params["token"], request.headers.get("user-agent", "")
        target = await run_in_threadpool(
            services.hits.click,
            token,
            user_agent=agent,
            method=request.method,
            network=asking_network(request),
        )
        headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        return RedirectResponse(target, status_code=302, headers=headers)

    return guarded(services, answer)
