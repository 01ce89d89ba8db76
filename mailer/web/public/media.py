"""Images and files of frozen issues: named by their content, so they never change."""

import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from mailer.web.public.answers import Handler
from mailer.web.public.services import PublicServices

_NAME = re.compile(r"[0-9a-f]{64}\.(png|jpg|jpeg|gif|webp|pdf|csv|txt|ics|docx|odt|xlsx|ods|pptx|odp)")
_IMAGES = {"png", "jpg", "jpeg", "gif", "webp"}
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def medium(services: PublicServices) -> Handler:
    folder: Path = services.settings.state / "media"

    async def answer(request: Request) -> Response:
        found = _NAME.fullmatch(request.path_params["name"])
        path = folder / request.path_params["name"] if found else None
        if found is None or path is None or not path.is_file():
            return PlainTextResponse("not found", 404)
        # A name makes Starlette send it as an attachment.
        return FileResponse(path, headers=_HEADERS, filename=None if found[1] in _IMAGES else path.name)

    return answer
