"""What one mail in the bounce mailbox says: a delivery report (RFC 3464), a complaint (RFC 5965), a bounce of qmail's,
an automatic reply, or something for a person.

Machines' fields decide, free text never: `Final-Recipient`, `Action` and `Status` (rules M21). What names no key of ours
says nothing about anybody.
"""

import email
import email.policy
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import Message as Mail
from email.utils import parseaddr, parsedate_to_datetime

from mailer.model.mail import Kind, ProviderEvent
from mailer.providers.bounce_parts import field_of, fields_of, find_key, part_of, returned_mail
from mailer.providers.wording import safe_detail

#: What stands behind is the mail that came back, of which only the head matters.
MOST_BYTES = 256 * 1024
_MOST_RECIPIENTS = 20
#: A mail's own date is believed if it is not older than that, nor in the future.
_OLDEST = timedelta(days=30)
_PROVIDER = "smtp"

_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_BASIC = re.compile(r"\b([45]\d\d)\b")
#: A paragraph that begins so, then one that begins with the address.
_QMAIL = re.compile(rb"\s*Hi\. This is the [^\r\n]*(?:\r?\n[^\r\n]+)*(?:\r?\n)+<[^\r\n>]+>:")
#: Kinds of feedback that come from a person (RFC 5965 7.3); `auth-failure` and `virus` come from machines.
_COMPLAINTS = {"abuse", "fraud", "opt-out", "opt-out-list", "other"}
_ACTIONS = {
    "delayed": Kind.DEFERRED,
    "delivered": Kind.DELIVERED,
    "relayed": Kind.ACCEPTED,
    "expanded": Kind.ACCEPTED,
}


@dataclass(frozen=True, slots=True)
class Report:
    """A machine's mail, with what follows from it: often nothing."""

    events: tuple[ProviderEvent, ...] = ()


def read_report(raw: bytes, *, now: datetime) -> Report | None:
    """What the mail reports; None where it is no machine's, so that a person may want it."""
    mail = email.message_from_bytes(raw[:MOST_BYTES], policy=email.policy.compat32)
    status = part_of(mail, "message/delivery-status")
    if status is not None:
        return Report(tuple(_delivery_events(mail, status, now)))
    feedback = part_of(mail, "message/feedback-report")
    if feedback is not None:
        return Report(tuple(_complaints(mail, feedback, now)))
    if _is_automatic(mail):
        return Report()
    return _qmail_bounce(mail, now)


# --- RFC 3464 -----------------------------------------------------------------------------------------


def _delivery_events(mail: Mail, status: Mail, now: datetime) -> Iterator[ProviderEvent]:
    """One event per recipient of the report."""
    blocks = fields_of(status)
    envelope_id = field_of(blocks[0], "Original-Envelope-Id") if blocks else ""
    key = find_key(mail, named=envelope_id)
    if key is None:
        return
    recipients = [block for block in blocks if block.get("Final-Recipient") or block.get("Action")]
    for number, block in enumerate(recipients[:_MOST_RECIPIENTS]):
        code = _status(block)
        kind = _kind(field_of(block, "Action").lower(), code)
        if kind is Kind.HARD_BOUNCE and _is_somebody_else(mail, block):
            kind = Kind.SOFT_BOUNCE
        yield _event(
            mail, kind, key, now, number=number, code=code, detail=field_of(block, "Diagnostic-Code")
        )


def _kind(action: str, code: str) -> Kind:
    if action != "failed":
        return _ACTIONS.get(action, Kind.NOTICE)
    return Kind.HARD_BOUNCE if code.startswith("5") else Kind.SOFT_BOUNCE


def _status(block: Mail) -> str:
    """The enhanced status; where it only says "something permanent" (5.0.0), what the other server said, if more."""
    named = _ENHANCED.search(field_of(block, "Status"))
    code = named.group(1) if named else ""
    if code and not code.endswith(".0.0"):
        return code
    diagnostic = field_of(block, "Diagnostic-Code")
    told = _ENHANCED.search(diagnostic) or (None if code else _BASIC.search(diagnostic))
    return told.group(1) if told else code


def _is_somebody_else(mail: Mail, block: Mail) -> bool:
    """Our mail was passed on, and the mailbox behind is the dead one: the address we know may reach others."""
    returned = returned_mail(mail)
    ours = parseaddr(field_of(returned, "To"))[1] if returned is not None else ""
    final = parseaddr(field_of(block, "Final-Recipient").partition(";")[2])[1]
    return bool(ours and final) and ours.lower() != final.lower()


# --- RFC 5965 -----------------------------------------------------------------------------------------


def _complaints(mail: Mail, feedback: Mail, now: datetime) -> Iterator[ProviderEvent]:
    blocks = fields_of(feedback)
    fields = blocks[0] if blocks else feedback
    key = find_key(mail, named=field_of(fields, "Original-Mail-From"))
    if key is not None and field_of(fields, "Feedback-Type").lower() in _COMPLAINTS:
        yield _event(mail, Kind.COMPLAINT, key, now)


# --- without fields -----------------------------------------------------------------------------------


def _is_automatic(mail: Mail) -> bool:
    """Holiday replies, receipts of reading (RFC 3834, RFC 8098), and what programs of old mark in their own ways."""
    submitted = field_of(mail, "Auto-Submitted").lower()
    receipt = part_of(mail, "message/disposition-notification") is not None
    marked = any(name in mail for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress"))
    precedence = field_of(mail, "Precedence").lower()
    return (
        receipt
        or marked
        or submitted.startswith("auto-replied")
        or precedence in {"auto_reply", "bulk", "junk"}
    )


def _qmail_bounce(mail: Mail, now: datetime) -> Report | None:
    """QSBMF (https://cr.yp.to/proto/qsbmf.txt): how final it is stands in prose only, so it counts towards three."""
    text = mail.get_payload(decode=True) if mail.get_content_type() == "text/plain" else None
    if not isinstance(text, bytes) or not _QMAIL.match(text):
        return None
    key = find_key(mail)
    return Report((_event(mail, Kind.SOFT_BOUNCE, key, now),) if key is not None else ())


# --- what they share ----------------------------------------------------------------------------------


def _event(
    mail: Mail, kind: Kind, key: str, now: datetime, *, number: int = 0, code: str = "", detail: str = ""
) -> ProviderEvent:
    return ProviderEvent(
        provider=_PROVIDER,
        kind=kind,
        at=_at(mail, now),
        dedupe=_fingerprint(mail, kind, key, number),
        key=key,
        smtp_code=code or None,
        detail=safe_detail(detail),
    )


def _fingerprint(mail: Mail, kind: Kind, key: str, number: int) -> str:
    """The same for a report that is read twice, or delivered twice: its Message-ID, else all of it."""
    told = field_of(mail, "Message-ID")
    whole = told.encode("utf-8", "replace") if told else mail.as_bytes()
    head = f"{kind.value}|{key}|{number}|".encode()
    return hashlib.sha256(head + whole).hexdigest()


def _at(mail: Mail, now: datetime) -> datetime:
    try:
        at = parsedate_to_datetime(field_of(mail, "Date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return now
    at = at.replace(tzinfo=at.tzinfo or now.tzinfo).astimezone(now.tzinfo)
    return at if now - _OLDEST <= at <= now else now
