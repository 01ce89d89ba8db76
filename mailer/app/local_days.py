"""Days as people here count and write them."""

from datetime import date

from mailer.app.mailer import Mailer
from mailer.clock import local_date
from mailer.errors import RefusedError


def today(mailer: Mailer) -> date:
    """The present day in the workspace's zone."""
    return local_date(mailer.clock.now(), mailer.settings.time_zone)


def written(text: str) -> date:
    """The day that somebody wrote; raises RefusedError."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise RefusedError("This is not a day. Write it as 2026-12-31.") from error
