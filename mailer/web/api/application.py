"""The application below `/api/v1`: its operations, its description, its page, its own form of failures."""

from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from jinja2 import Environment
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from mailer.app import Mailer
from mailer.errors import MailerError
from mailer.web.api import contacts, organisations, problems, subscriptions
from mailer.web.api.access import Pace
from mailer.web.pages import open_page
from mailer.web.protection import HEADERS, MOST_FORM_BYTES
from mailer.web.public import NetworkLimit

PATH = "/api/v1"
_FAILURES_PER_HOUR = 100
_DESCRIPTION = (
    "People, organisations and subscriptions for other programs, under the rules of an import: nothing here lifts an "
    "exclusion, an unsubscription or a refusal, and who was erased stays so. Every request bears a token in the header "
    "Authorization. Lists go by pages. Changes name the version that they change (ETag, If-Match). "
    "Failures are application/problem+json (RFC 9457)."
)


def create_api(mailer: Mailer, pages: Environment) -> FastAPI:
    """An application of its own, to be mounted: nothing of the desk's sessions reaches it."""
    api = FastAPI(
        title="Relais", version="1", description=_DESCRIPTION, openapi_url=None, docs_url=None, redoc_url=None
    )
    api.state.mailer = mailer
    api.state.pages = pages
    api.state.pace = Pace(mailer.settings.api.per_minute, mailer.clock)
    api.state.failures = NetworkLimit(_FAILURES_PER_HOUR, mailer.clock)
    api.router.routes.extend(_operations())
    api.add_api_route("/openapi.json", _described, include_in_schema=False)
    api.add_api_route("/docs", _docs, include_in_schema=False)
    api.add_exception_handler(MailerError, problems.expected)
    api.add_exception_handler(RequestValidationError, problems.unreadable)
    api.add_exception_handler(HTTPException, problems.plain)
    api.add_exception_handler(Exception, _unexpected)
    return api


@cache
def _operations() -> list[BaseRoute]:
    """The same for every installation: worked out once for this process."""
    operations = APIRouter()
    for each in (contacts.router, organisations.router, subscriptions.router):
        operations.include_router(each, max_body_size=MOST_FORM_BYTES)
    return operations.routes


def description(api: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    found = api.openapi()
    found["servers"] = [{"url": PATH}]
    schemas = found["components"]["schemas"]
    schemas.update(problems.schemas())
    return found


def _described(request: Request) -> dict[str, Any]:
    return description(request.app)


def _docs(request: Request) -> Response:
    """The same for people, made here: no file of anybody else's."""
    found = description(request.app)
    operations = [
        (method.upper(), path, each) for path, item in found["paths"].items() for method, each in item.items()
    ]
    return open_page(
        request,
        "api.html",
        base=mailer_url(request),
        described=found,
        operations=operations,
        titles=problems.TITLES,
    )


def mailer_url(request: Request) -> str:
    return f"{request.app.state.mailer.settings.base_url}{PATH}"


def _unexpected(request: Request, error: Exception) -> Response:
    """No middleware sees it: it has its headers itself."""
    answer = problems.unexpected(request, error)
    answer.headers.update(HEADERS)
    return answer
