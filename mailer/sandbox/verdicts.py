"""The outcome of one try: a list of short guards, each may end it; in Postal's words."""

import re
from dataclasses import dataclass

_MAGIC = re.compile(r"\+(hardfail|softfail|held|bounce)@", re.I)
_MOST_ATTEMPTS = 18
#: The reason under which the control face lists a mailbox that does not exist: it fails hard instead of being held.
CLOSED = "closed mailbox"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`retry_seconds` says when to try again; `comes_back` that it bounces later; `limit` that it was the send limit."""

    status: str
    details: str
    output: str = ""
    seconds: float | None = None
    retry_seconds: float | None = None
    comes_back: bool = False
    limit: int | None = None


def judge(recipient: str, *, attempts: int, suppressed: str | None, limit: int | None) -> Verdict:
    """What becomes of it. `attempts` were made before; `limit` is the send limit if it is reached."""
    if attempts >= _MOST_ATTEMPTS:
        return hard_fail(f"Maximum number of delivery attempts ({_MOST_ATTEMPTS}) has been reached.")
    if suppressed == CLOSED:
        return _unknown_user(recipient)
    if suppressed is not None:
        return Verdict("Held", f"Recipient ({recipient}) is on the suppression list (reason: {suppressed})")
    if limit is not None:
        return Verdict("Held", f"Message held because send limit ({limit}) has been reached.", limit=limit)
    return _magic(recipient, attempts) or sent(recipient, "127.0.0.1", comes_back=_asks(recipient, "bounce"))


def sent(recipient: str, host: str, *, output: str = "250 2.0.0 OK\n", comes_back: bool = False) -> Verdict:
    details = f"Message for {recipient} accepted by {host}"
    return Verdict("Sent", details, output, seconds=0.01, comes_back=comes_back)


def soft_fail(details: str, output: str, *, attempts: int) -> Verdict:
    """Postal's back-off: 5 minutes times 1.3 to the number of attempts."""
    return Verdict("SoftFail", details, output, seconds=0.01, retry_seconds=300 * 1.3**attempts)


def hard_fail(details: str, output: str = "") -> Verdict:
    return Verdict("HardFail", details, output, seconds=0.01)


def _magic(recipient: str, attempts: int) -> Verdict | None:
    if _asks(recipient, "held"):
        return Verdict("Held", "Message held by the receiving address (+held).")
    if _asks(recipient, "hardfail"):
        return _unknown_user(recipient)
    if _asks(recipient, "softfail") and not attempts:
        details = f"Temporary SMTP delivery error when sending to {recipient}"
        return soft_fail(details, "450 4.2.1 Mailbox busy\n", attempts=attempts)
    return None


def _unknown_user(recipient: str) -> Verdict:
    return hard_fail(f"Permanent SMTP delivery error when sending to {recipient}", "550 5.1.1 User unknown\n")


def _asks(recipient: str, wanted: str) -> bool:
    found = _MAGIC.search(recipient)
    return found is not None and found.group(1).lower() == wanted
