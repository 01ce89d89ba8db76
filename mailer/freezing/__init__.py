"""Issue -> snapshot: what was proofed is what leaves; an approval is bound to the fingerprint."""

from mailer.freezing.approvals import (
    Standing,
    State,
    approve,
    fingerprint,
    is_approved,
    is_voided,
    refusal,
    refuse,
    standing,
)
from mailer.freezing.freezing import draft, freeze

__all__ = [
    "Standing",
    "State",
    "approve",
    "draft",
    "fingerprint",
    "freeze",
    "is_approved",
    "is_voided",
    "refusal",
    "refuse",
    "standing",
]
