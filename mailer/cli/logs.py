"""Structured logs on standard error, so that standard output stays the command's own. No addresses, only ids."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from mailer.providers.wording import without_addresses


def configure_logs() -> None:
    """Readable lines on a terminal, one JSON object a line elsewhere."""
    terminal = sys.stderr.isatty()
    renderer = (
        structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            name_nobody,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # The libraries' own loggers: warnings only, on the same stream.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(NameNobody("%(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def only_warnings() -> None:
    """For a command whose progress bars stand where the logs would be written."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def name_nobody(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last guard: a database or a library may put an address into the text of its error."""
    return {
        key: without_addresses(value) if isinstance(value, str) else value for key, value in event.items()
    }


class NameNobody(logging.Formatter):
    """The same for what the libraries log, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return without_addresses(super().format(record))
