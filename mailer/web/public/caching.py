"""Answers that are the same for everybody: kept by caches for a moment, then asked for anew by their tag."""

from starlette.requests import Request
from starlette.responses import Response

#: How long a cache need not ask: what was put right is seen everywhere after five minutes.
_KEPT = "public, max-age=300"
_KEPT_HEADERS = ("X-Robots-Tag", "Content-Security-Policy", "Referrer-Policy", "Link")


def kept(request: Request, answer: Response, *, etag: str) -> Response:
    """The answer with its tag; 304 without a body for who has it already (RFC 9110 §13.1.2)."""
    tag = f'"{etag}"'
    headers = {"Cache-Control": _KEPT, "ETag": tag}
    if _has(request.headers.get("if-none-match", ""), tag):
        same = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
        return Response(status_code=304, headers={**same, **headers})
    answer.headers.update(headers)
    return answer


def _has(asked: str, tag: str) -> bool:
    """Weak tags count: a proxy that compresses makes ours into one."""
    return "*" in asked or tag in {each.strip().removeprefix("W/") for each in asked.split(",")}
