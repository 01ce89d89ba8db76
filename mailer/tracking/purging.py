"""What must not be kept: tokens after 30 days, rows that name a delivery after 13 months; counts stay."""

from datetime import datetime, timedelta

from mailer.store import Tx, events, last_opens, lookups, opens

TOKENS_FOR = timedelta(days=30)
ROWS_FOR = timedelta(days=396)
#: The same as people say it.
TOKENS_DAYS, ROWS_MONTHS = 30, 13


def purge(tx: Tx, *, at: datetime) -> None:
    """Drop what is older; safe to repeat."""
    opens.purge(tx, tokens_before=(at - TOKENS_FOR).date(), rows_before=(at - ROWS_FOR).date())
    last_opens.purge(tx, before=(at - ROWS_FOR).date())
    events.purge(tx, before=at - ROWS_FOR)
    lookups.purge(tx, before=at - lookups.KEPT_FOR)
