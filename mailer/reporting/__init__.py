"""Deliveries + events -> figures: a statement that adds up, and an honest open rate."""

from mailer.reporting.figures import report
from mailer.reporting.printing import as_json, as_text, receiver_warning
from mailer.reporting.reasons import reason
from mailer.reporting.statistics import wilson

__all__ = ["as_json", "as_text", "reason", "receiver_warning", "report", "wilson"]
