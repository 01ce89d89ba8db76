"""What is posted to a public page: read up to a limit, whatever the sender announced."""

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

#: No form of ours and no one-click is longer.
_MOST_FORM_BYTES = 20_000


async def read_body(request: Request, *, at_most: int) -> bytes | None:
    """The body, or None as soon as it is longer: the rest is never held."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > at_most:
            return None
        parts.append(part)
    return b"".join(parts)


async def read_form(request: Request) -> FormData | None:
    """The fields, urlencoded or multipart; None where the form is too long or cannot be read."""
    body = await read_body(request, at_most=_MOST_FORM_BYTES)
    if body is None:
        return None

    async def again() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        async with Request(request.scope, again).form(max_files=0, max_fields=100) as form:
            return form
    except HTTPException:
        return None
