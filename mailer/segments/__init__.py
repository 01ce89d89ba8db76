"""Rule -> SQL -> the people it names today; explains who is left out, and why."""

from mailer.segments.audience import explain, member_condition, resolve
from mailer.segments.compiler import check
from mailer.segments.fields import field_expression
from mailer.segments.sentences import sentence

__all__ = ["check", "explain", "field_expression", "member_condition", "resolve", "sentence"]
