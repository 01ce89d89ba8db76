"""Rule -> SQL -> the people it names today; explains who is left out, and why."""

from mailer.model.segment_guards import is_for_members
from mailer.segments.audience import explain, left_out, member_condition, resolve
from mailer.segments.compiler import check
from mailer.segments.describing import (
    Value,
    choices,
    is_date,
    is_number,
    label,
    names,
    operators,
    proposals,
    value_of,
)
from mailer.segments.fields import field_expression
from mailer.segments.makeup import Coverage, Known, Makeup, coverage, makeup, not_members, people
from mailer.segments.references import expand, named_by
from mailer.segments.sentences import sentence

__all__ = [
    "Coverage",
    "Known",
    "Makeup",
    "Value",
    "check",
    "choices",
    "coverage",
    "expand",
    "explain",
    "field_expression",
    "is_date",
    "is_for_members",
    "is_number",
    "label",
    "left_out",
    "makeup",
    "member_condition",
    "named_by",
    "names",
    "not_members",
    "operators",
    "people",
    "proposals",
    "resolve",
    "sentence",
    "value_of",
]
