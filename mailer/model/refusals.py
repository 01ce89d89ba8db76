"""Which refusals say that a mailbox does not exist: the one rule for answers on the spot and for later reports."""

import re

#: A permanent refusal that speaks of the mailbox, or does not say of what (RFC 3463, RFC 5321). Full mailboxes (5.2.2),
#: policies (5.7.x), routes and sizes say nothing of whether the person is there; 5.1.7 and 5.1.8 speak of our own address.
_NO_MAILBOX = re.compile(r"5\.0\.\d+|5\.1\.(?![78]$)\d+|5\.2\.1|550|551|553")
#: The word of the adapters for what a vendor finds no address at all, as 5.1.3 does.
INVALID_RECIPIENT = "invalid-recipient"


def says_no_mailbox(code: str) -> bool:
    """Whether nobody can be reached there, by an enhanced code, else by the bare one."""
    return code == INVALID_RECIPIENT or _NO_MAILBOX.fullmatch(code) is not None
