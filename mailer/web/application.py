"""The web application: pages of the desk, public pages, static files, and what every answer has in common."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from mailer.app import Mailer
from mailer.errors import MailerError, NotFoundError, StoreError, TokenError
from mailer.tracking import Hits
from mailer.web import acting, audiences, choices, entrance, letters, results, week
from mailer.web.pages import create_pages, open_page
from mailer.web.protection import SAFE_METHODS, ForeignFormError, SecurityHeaders, known_hosts
from mailer.web.public import PublicServices, public_routes
from mailer.web.visits import Forbidden, LoginNeeded

#: Every router of the desk; `entrance` is open, the others begin with a visit.
DESK = (
    entrance.entrance,
    entrance.way_out,
    week.router,
    letters.router,
    acting.router,
    results.router,
    audiences.router,
    choices.router,
)
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
    hits = Hits(mailer.store, mailer.signer, mailer.clock)
    app = FastAPI(
        title="Relais", openapi_url=None, docs_url=None, redoc_url=None, lifespan=lambda _: _writing(hits)
    )
    app.state.mailer = mailer
    app.state.pages = create_pages()
    _add_routes(app, mailer, hits)
    app.add_exception_handler(LoginNeeded, _to_login)
    app.add_exception_handler(MailerError, _expected)
    app.add_exception_handler(HTTPException, _missing)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(Exception, _unexpected)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=known_hosts(mailer.settings), www_redirect=False)
    app.add_middleware(SecurityHeaders)
    return app


def _add_routes(app: FastAPI, mailer: Mailer, hits: Hits) -> None:
    for router in DESK:
        app.include_router(router)
    services = PublicServices(
        store=mailer.store,
        signer=mailer.signer,
        clock=mailer.clock,
        settings=mailer.settings,
        provider=mailer.provider,
        hits=hits,
        topics=lambda: mailer.workspace()[0].topics(),
    )
    app.router.routes.extend(public_routes(services))
    app.add_api_route("/health", _health, name="health", methods=["GET", "HEAD"])
    app.mount("/static", StaticFiles(directory=STATIC), name="static")


@asynccontextmanager
async def _writing(hits: Hits) -> AsyncIterator[None]:
    hits.start()
    try:
        yield
    finally:
        await run_in_threadpool(hits.stop)


def _health() -> JSONResponse:
    return JSONResponse({"status": "ok"})


def _to_login(request: Request, _error: Exception) -> Response:
    path = request.url.path if request.method in SAFE_METHODS else "/"
    page = request.url_for("log_in").path
    return RedirectResponse(page if path == "/" else f"{page}?next={path}", status_code=303)


def _expected(request: Request, error: Exception) -> Response:
    assert isinstance(error, MailerError)
    status = next(status for kind, status in STATUSES if isinstance(error, kind))
    return open_page(request, "error.html", status=status, code=status.value, error=error)


def _missing(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = (
        NotFoundError("This page does not exist. Check its address, or start again from the first page.")
        if error.status_code == HTTPStatus.NOT_FOUND
        else MailerError("This page cannot be used in this way.")
    )
    return open_page(request, "error.html", status=error.status_code, code=error.status_code, error=sentence)


def _malformed(request: Request, _error: Exception) -> Response:
    sentence = MailerError("This form is not complete. Go back and fill it in again.")
    return open_page(request, "error.html", status=422, code=422, error=sentence)


def _unexpected(request: Request, _error: Exception) -> Response:
    """The server logs the traceback; the page says what is safe."""
    sentence = MailerError(
        "Something unexpected happened. Sends are not affected; the server's log says more. Try again."
    )
    return open_page(request, "error.html", status=500, code=500, error=sentence)
