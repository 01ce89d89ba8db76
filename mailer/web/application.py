"""The web application: pages of the desk, public pages, static files, and what every answer has in common."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute, Route
from starlette.staticfiles import StaticFiles

from mailer.app import Mailer, privacy
from mailer.errors import MailerError, NotFoundError, StoreError, TokenError
from mailer.web import (
    account,
    account_factor,
    acting,
    administering,
    audiences,
    calendar,
    campaign_results,
    choices,
    comparing,
    composing,
    composing_history,
    composing_merging,
    composing_new,
    composing_panel,
    composing_reading,
    composing_review,
    entrance,
    events,
    exports,
    forgotten,
    guide,
    imports,
    impossible,
    letters,
    link_map,
    moving,
    one_audience,
    organisations,
    people,
    people_editing,
    people_files,
    previews,
    progress,
    registers,
    results,
    retention,
    reviewing,
    rules,
    signing_on,
    signup_form,
    successions,
    tokens,
    unreached,
    webhooks,
    week,
    years,
)
from mailer.web.api import create_api
from mailer.web.health import health
from mailer.web.hook_counts import HookCounts
from mailer.web.metrics import metrics
from mailer.web.pages import desk_pages, open_page
from mailer.web.protection import (
    HEADERS,
    MOST_FORM_BYTES,
    SAFE_METHODS,
    ForeignFormError,
    SecurityHeaders,
    known_hosts,
)
from mailer.web.public import NetworkLimit, PixelsFirst, PublicServices, public_routes
from mailer.web.too_long import TooLong
from mailer.web.visits import FactorNeeded, Forbidden, LoginNeeded

#: Every router of the desk; the ways in are open, the others begin with a visit.
DESK = (
    entrance.entrance,
    forgotten.router,
    signing_on.router,
    entrance.way_out,
    week.router,
    calendar.router,
    moving.router,
    letters.router,
    previews.router,
    acting.router,
    reviewing.router,
    events.router,
    composing.router,
    composing.with_files,
    composing_panel.router,
    composing_history.router,
    composing_merging.router,
    composing_review.router,
    composing_new.router,
    progress.router,
    results.router,
    link_map.router,
    campaign_results.router,
    years.router,
    exports.router,
    unreached.router,
    audiences.router,
    rules.router,
    comparing.router,
    one_audience.router,
    organisations.router,
    people.router,
    people_editing.router,
    successions.router,
    people_files.router,
    signup_form.router,
    imports.router,
    imports.with_file,
    choices.router,
    account.router,
    account_factor.router,
    signing_on.anew,
    administering.router,
    tokens.router,
    retention.router,
    webhooks.router,
    registers.router,
    guide.router,
)
#: The forms that may be longer than any other.
LONG = ((imports.with_file, imports.MOST_BYTES), (composing.with_files, composing_reading.MOST_BYTES))
STATIC = Path(__file__).parent / "static"
#: The first that fits says the status of an expected failure.
STATUSES: tuple[tuple[type[MailerError], HTTPStatus], ...] = (
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (TokenError, HTTPStatus.NOT_FOUND),
    (Forbidden, HTTPStatus.FORBIDDEN),
    (ForeignFormError, HTTPStatus.FORBIDDEN),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE),
    (MailerError, HTTPStatus.UNPROCESSABLE_ENTITY),
)


def create_app(mailer: Mailer) -> FastAPI:
    """The application for one installation; its hits are written while it runs and at its end."""
    app = FastAPI(
        title="Relais", openapi_url=None, docs_url=None, redoc_url=None, lifespan=lambda _: _writing(mailer)
    )
    app.state.mailer = mailer
    app.state.pages = desk_pages()
    app.state.hook_counts = HookCounts()
    _add_routes(app, mailer)
    app.add_exception_handler(LoginNeeded, _to_login)
    app.add_exception_handler(FactorNeeded, _to_factor)
    app.add_exception_handler(MailerError, _expected)
    app.add_exception_handler(HTTPException, _missing)
    app.add_exception_handler(RequestValidationError, _malformed)
    impossible.add_handlers(app)
    app.add_exception_handler(Exception, _unexpected)
    app.add_middleware(
        TooLong, routes={each.name for router in DESK for each in router.routes if isinstance(each, Route)}
    )
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=known_hosts(mailer.settings), www_redirect=False)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(PixelsFirst, hits=mailer.hits)
    return app


def _add_routes(app: FastAPI, mailer: Mailer) -> None:
    """The public pages first: every one of their answers would else be looked for among all those of the desk."""
    services = _public_services(app, mailer)
    app.router.routes.extend(public_routes(services))
    app.router.routes.extend(_desk_routes())
    app.add_api_route("/health", health, name="health", methods=["GET", "HEAD"])
    app.add_api_route("/metrics", metrics, name="metrics", methods=["GET", "HEAD"])
    app.mount("/api/v1", create_api(mailer, app.state.pages), name="api")
    app.mount("/static", StaticFiles(directory=STATIC), name="static")


@cache
def _desk_routes() -> list[BaseRoute]:
    """The same for every installation, which a request names itself: they are worked out once for this process."""
    desk = APIRouter(dependencies=[Depends(impossible.require_plain_address)])
    for router in DESK:
        most = next((most for long, most in LONG if long is router), MOST_FORM_BYTES)
        desk.include_router(router, max_body_size=most)
    return desk.routes


def _public_services(app: FastAPI, mailer: Mailer) -> PublicServices:
    return PublicServices(
        store=mailer.store,
        signer=mailer.signer,
        clock=mailer.clock,
        settings=mailer.settings,
        provider=mailer.provider,
        hits=mailer.hits,
        topics=mailer.topics,
        signups=mailer.signups,
        notice=partial(privacy.notice, mailer),
        limit=NetworkLimit(mailer.settings.signup.per_network, mailer.clock),
        hook_counts=app.state.hook_counts,
    )


@asynccontextmanager
async def _writing(mailer: Mailer) -> AsyncIterator[None]:
    mailer.hits.start()
    try:
        yield
    finally:
        await run_in_threadpool(mailer.hits.stop)


def _to_login(request: Request, _error: Exception) -> Response:
    asked = request.url.replace(scheme="", netloc="") if request.method in SAFE_METHODS else "/"
    page = request.url_for("log_in").path
    return RedirectResponse(page if asked == "/" else f"{page}?next={quote(str(asked))}", status_code=303)


def _to_factor(request: Request, _error: Exception) -> Response:
    return RedirectResponse(request.url_for("factor").path, status_code=303)


def _expected(request: Request, error: Exception) -> Response:
    assert isinstance(error, MailerError)
    status = next(status for kind, status in STATUSES if isinstance(error, kind))
    return open_page(request, "error.html", status=status, code=status.value, error=error)


def _missing(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    return open_page(request, "error.html", status=status, code=status, error=_sentence(status))


def _sentence(status: int) -> MailerError:
    if status == HTTPStatus.NOT_FOUND:
        return impossible.missing()
    return MailerError("This page cannot be used in this way.")


def _malformed(request: Request, _error: Exception) -> Response:
    sentence = MailerError("This form is not complete. Go back and fill it in again.")
    return open_page(request, "error.html", status=422, code=422, error=sentence)


def _unexpected(request: Request, _error: Exception) -> Response:
    """The server logs the traceback; the page says what is safe. No middleware sees it: it has its headers itself."""
    sentence = MailerError(
        "Something unexpected happened. Sends are not affected; the server's log says more. Try again."
    )
    answer = open_page(request, "error.html", status=500, code=500, error=sentence)
    answer.headers.update(HEADERS)
    return answer
