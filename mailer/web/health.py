"""`/health`: whether the desk can do its work, for a monitor or a load balancer; no login, nothing personal."""

import structlog
from fastapi import Request
from fastapi.responses import JSONResponse

from mailer.store import vitals
from mailer.web.visits import mailer_of

_log = structlog.get_logger()


def health(request: Request) -> JSONResponse:
    """200 while the database can be read, else 503; its own words may name hosts and files: they go to the log."""
    reason = vitals.why_unreachable(mailer_of(request).store)
    if reason:
        _log.error("database unreachable", reason=reason)
        return JSONResponse({"status": "unavailable", "reason": "database"}, 503)
    return JSONResponse({"status": "ok"})
