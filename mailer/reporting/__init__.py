"""Deliveries + events -> figures: a statement that adds up, an honest open rate, and letters side by side."""

from mailer.reporting.comparison import compare, earlier
from mailer.reporting.figures import report
from mailer.reporting.health import list_health
from mailer.reporting.printing import as_json, as_text, receiver_warning
from mailer.reporting.reasons import reason
from mailer.reporting.series import letters
from mailer.reporting.statistics import wilson
from mailer.reporting.year import year_review, years

__all__ = [
    "as_json",
    "as_text",
    "compare",
    "earlier",
    "letters",
    "list_health",
    "reason",
    "receiver_warning",
    "report",
    "wilson",
    "year_review",
    "years",
]
