"""What went wrong, as RFC 9457 says it: what, where, why, and what to do."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from mailer.app.directory import NothingExpected, OutdatedError
from mailer.app.directory.subscriptions import TooManyRequests
from mailer.errors import (
    ConflictError,
    InputError,
    MailerError,
    NotFoundError,
    RefusedError,
    StoreConflict,
    StoreError,
)
from mailer.i18n import Translator, language_asked, marked
from mailer.web.visits import mailer_of

TYPE = "application/problem+json"


class TokenMissing(MailerError):
    """No token, or none that is good for anything."""


class ScopeMissing(MailerError):
    """The token may not do this."""


class RateExceeded(MailerError):
    """Too many requests in too short a time; `retry_after` in seconds."""

    def __init__(self, text: str, /, *, retry_after: int) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class Mistake(BaseModel):
    """One value that cannot be used."""

    where: str = Field(description="The part of the request: `body/address`, `query/limit` …")
    why: str


class Problem(BaseModel):
    """RFC 9457, with what to do."""

    type: str = Field(description="Where this kind of problem is explained.")
    title: str = Field(description="What it is; the same for every problem of this kind.")
    status: int
    detail: str = Field(description="Why, and what to do, for this request.")
    code: str = Field(description="The kind of problem, for programs.")
    errors: list[Mistake] = Field(default=[], description="Where, for requests that cannot be read.")


#: Code -> title, in the order of the documentation.
TITLES: Mapping[str, str] = {
    "token-missing": marked("There is no valid token."),
    "scope-missing": marked("The token does not allow this."),
    "not-found": marked("There is no such thing."),
    "method": marked("This address does not know this method."),
    "conflict": marked("It contradicts what is stored."),
    "refused": marked("A rule forbids it."),
    "outdated": marked("It has changed meanwhile."),
    "too-long": marked("The request is too long."),
    "unreadable": marked("The request cannot be used."),
    "precondition-missing": marked("The request does not say which version it changes."),
    "too-many": marked("Too many requests."),
    "unexpected": marked("Something unexpected happened."),
    "busy": marked("The service is busy."),
}
_KINDS: tuple[tuple[type[MailerError], int, str], ...] = (
    (TokenMissing, 401, "token-missing"),
    (ScopeMissing, 403, "scope-missing"),
    (RateExceeded, 429, "too-many"),
    (TooManyRequests, 429, "too-many"),
    (NotFoundError, 404, "not-found"),
    (OutdatedError, 412, "outdated"),
    (NothingExpected, 428, "precondition-missing"),
    (ConflictError, 409, "conflict"),
    (RefusedError, 409, "refused"),
    (InputError, 422, "unreadable"),
    (StoreConflict, 503, "busy"),
    (StoreError, 503, "busy"),
)
_STATUSES = {404: "not-found", 405: "method", 413: "too-long"}
_PLAIN = {
    "not-found": marked("Nothing is at this address. See the description at /api/v1/docs."),
    "method": marked("Use one of the methods that the header Allow names."),
    "too-long": marked("Send less at once: 64,000 bytes at the most."),
    "unreadable": marked("Correct what `errors` names, then send it again."),
    "busy": marked("Nothing was half-done. Repeat the same request in a minute."),
    "unexpected": marked("Nothing was half-done. The server's log says more; tell whoever looks after it."),
}


def expected(request: Request, error: Exception) -> Response:
    """An expected failure of ours."""
    assert isinstance(error, MailerError)
    found = ((status, code) for kind, status, code in _KINDS if isinstance(error, kind))
    status, code = next(found, (422, "unreadable"))
    t = _translator(request)
    # What a database says of itself is nobody else's business.
    detail = t(_PLAIN["busy"]) if code == "busy" else t.error(error)
    headers = {}
    if isinstance(error, TokenMissing):
        headers["WWW-Authenticate"] = 'Bearer realm="relais"'
    if isinstance(error, ScopeMissing):
        headers["WWW-Authenticate"] = 'Bearer realm="relais", error="insufficient_scope"'
    if isinstance(error, RateExceeded):
        headers["Retry-After"] = str(error.retry_after)
    return _answer(request, status, code, detail, headers=headers)


def unreadable(request: Request, error: Exception) -> Response:
    """A request whose parts are not as described; nothing of what it holds is repeated."""
    assert isinstance(error, RequestValidationError)
    mistakes = [
        {"where": "/".join(str(part) for part in each["loc"]), "why": str(each["msg"])}
        for each in error.errors()
    ]
    return _answer(request, 422, "unreadable", _translator(request)(_PLAIN["unreadable"]), errors=mistakes)


def plain(request: Request, error: Exception) -> Response:
    """What the framework refuses: an unknown address, a method, a body that is too long."""
    assert isinstance(error, HTTPException)
    code = _STATUSES.get(error.status_code, "unreadable")
    return _answer(
        request, error.status_code, code, _translator(request)(_PLAIN[code]), headers=error.headers
    )


def unexpected(request: Request, _error: Exception) -> Response:
    """A defect of ours: the server logs the traceback."""
    return _answer(request, 500, "unexpected", _translator(request)(_PLAIN["unexpected"]))


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that an operation may answer with, for its description."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    every = sorted({401, 403, 413, 422, 429, 503, *statuses})
    return {each: {"description": HTTPStatus(each).phrase, "content": {TYPE: schema}} for each in every}


def schemas() -> dict[str, Any]:
    """The form of every failure, for the description."""
    found = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**found.pop("$defs", {}), "Problem": found}


def _answer(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    values = {
        "type": f"{mailer_of(request).settings.base_url}/api/v1/docs#{code}",
        "title": _translator(request)(TITLES[code]),
        "status": status,
        "detail": detail,
        "code": code,
        "errors": errors or [],
    }
    return JSONResponse(values, status_code=status, media_type=TYPE, headers=dict(headers or {}))


def _translator(request: Request) -> Translator:
    mailer = mailer_of(request)
    return mailer.translator(language_asked(request.headers.get("accept-language", "")) or None)
