"""Rule -> SQL -> the people it names today; explains who is left out, and why."""

from mailer.segments.audience import explain, member_condition, resolve
from mailer.segments.compiler import check
from mailer.segments.fields import field_expression
from mailer.segments.makeup import Coverage, Known, Makeup, coverage, makeup, not_members, people
from mailer.segments.references import expand
from mailer.segments.sentences import sentence

__all__ = [
    "Coverage",
    "Known",
    "Makeup",
    "check",
    "coverage",
    "expand",
    "explain",
    "field_expression",
    "makeup",
    "member_condition",
    "not_members",
    "people",
    "resolve",
    "sentence",
]
