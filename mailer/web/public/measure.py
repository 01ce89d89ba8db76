"""The pixel and the tracked links: the answer leaves at once, whatever becomes of the hit."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mailer.web.public.answers import Handler, guarded
from mailer.web.public.services import PublicServices

#: A transparent GIF of one pixel, 43 bytes.
PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
_PIXEL_HEADERS = {"Cache-Control": "no-store, max-age=0", "Content-Type": "image/gif"}


def pixel(services: PublicServices) -> Handler:
    """A forged token gets the same picture, and writes nothing (security S22)."""

    async def answer(request: Request) -> Response:
        agent = request.headers.get("user-agent", "")
        services.hits.open(request.path_params["token"], user_agent=agent, method=request.method)
        return Response(PIXEL, headers=_PIXEL_HEADERS)

    return answer


def click(services: PublicServices) -> Handler:
    """A redirect to a target of the frozen issue, never to one of the request (security S8)."""

    async def answer(request: Request) -> Response:
        token, agent = request.path_params["token"], request.headers.get("user-agent", "")
        target = await run_in_threadpool(services.hits.click, token, user_agent=agent, method=request.method)
        headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        return RedirectResponse(target, status_code=302, headers=headers)

    return guarded(services, answer)
