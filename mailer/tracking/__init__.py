"""Pixel hits, link hits, webhooks -> events -> delivery status, exclusions, unique opens.

- `verdicts`: is a load a person, a mail service's proxy, or a machine; in memory, only the verdict is kept
- `hits`: signature first, then a buffer, written in groups; `scans`: whose links a machine follows
- `counting`: what is written of a group
- `recording`: what providers report; `complaints`: when too many pause a send
- `collecting`: bounce mails, fetched every minute
- `purging`: what must not be kept
"""

from mailer.tracking.collecting import Collector
from mailer.tracking.complaints import Complaints
from mailer.tracking.hits import Hits
from mailer.tracking.purging import ROWS_MONTHS, TOKENS_DAYS, purge
from mailer.tracking.recording import record
from mailer.tracking.verdicts import classify

__all__ = ["ROWS_MONTHS", "TOKENS_DAYS", "Collector", "Complaints", "Hits", "classify", "purge", "record"]
