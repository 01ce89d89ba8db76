"""Structured logs on standard error, so that standard output stays the command's own. No addresses, only ids."""

import logging
import sys

import structlog


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
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # The libraries' own loggers: warnings only, on the same stream.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
