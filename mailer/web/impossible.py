"""What no row and no file can have: a number beyond every column, a name beyond every file system, the byte zero.

Nobody types it into the desk's own pages; whoever tries addresses gets "not found" or "not used in this way", never a failure.
"""

import errno
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import Response

from mailer.errors import MailerError, NotFoundError, UnfitValueError
from mailer.web.pages import open_page
from mailer.web.protection import SAFE_METHODS

_log = structlog.get_logger()


def require_plain_address(request: Request) -> None:
    """Raise NotFoundError for an address with a byte that no name has."""
    if any("\0" in str(part) for part in request.path_params.values()):
        raise missing()


def missing() -> MailerError:
    """Said of a page that is not there."""
    return NotFoundError("This page does not exist. Check its address, or start again from the first page.")


def add_handlers(app: FastAPI) -> None:
    """Answers for what the database and the file system refuse before they look."""
    for kind in (UnfitValueError, OSError):
        app.add_exception_handler(kind, _refused)


def _refused(request: Request, error: Exception) -> Response:
    if isinstance(error, OSError) and error.errno != errno.ENAMETOOLONG:
        raise error
    _log.warning("impossible value", failure=type(error).__name__)
    if request.method in SAFE_METHODS:
        status, said = HTTPStatus.NOT_FOUND, missing()
    else:
        said = (
            error if isinstance(error, MailerError) else MailerError("This page cannot be used in this way.")
        )
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    return open_page(request, "error.html", status=status, code=status.value, error=said)
