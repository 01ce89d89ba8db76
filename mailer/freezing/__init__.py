"""Issue -> snapshot: what was proofed is what leaves; an approval is bound to the fingerprint."""

from mailer.freezing.approvals import approve, fingerprint, is_approved, is_voided
from mailer.freezing.freezing import freeze

__all__ = ["approve", "fingerprint", "freeze", "is_approved", "is_voided"]
