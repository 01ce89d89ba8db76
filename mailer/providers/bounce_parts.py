"""Where things stand in a report: its parts, its groups of fields, the mail that came back, and our key."""

import base64
import binascii
import email
import email.policy
import re
from email.message import Message as Mail

_VERP = re.compile(r"\+([a-z0-9]{26})@", re.IGNORECASE)
_KEY = re.compile(r"[a-z0-9]{26}", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<([a-z0-9]{26})@[^\s<>@]+>", re.IGNORECASE)
#: A personal address of a page: `/u/<key in base64url>.<signature>`.
_PAGE = re.compile(r"/u/([A-Za-z0-9_-]{35})\.[A-Za-z0-9_-]+")
#: Where a mail server writes to whom a mail came.
_RECIPIENTS = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")


def find_key(mail: Mail, *, named: str = "") -> str | None:
    """Our key: in the address that the report came to, in what the server repeats of the envelope, or in our own mail."""
    addressed = " ".join(str(value) for name in _RECIPIENTS for value in mail.get_all(name, []))
    found = _VERP.search(addressed) or _VERP.search(named)
    if found is not None:
        return found.group(1).lower()
    if _KEY.fullmatch(named.strip()):
        return named.strip().lower()
    returned = returned_mail(mail)
    return _key_of_ours(returned) if returned is not None else None


def returned_mail(mail: Mail) -> Mail | None:
    """The head of our mail as it came back."""
    whole = part_of(mail, "message/rfc822")
    if whole is not None:
        return _first(whole)
    head = part_of(mail, "text/rfc822-headers") or part_of(mail, "message/rfc822-headers")
    if head is None:
        return None
    text = head.get_payload(decode=True)
    return _read(text) if isinstance(text, bytes) else _first(head)


def part_of(mail: Mail, kind: str) -> Mail | None:
    """A direct part only: a report inside a forwarded mail is somebody else's."""
    parts = mail.get_payload() if mail.get_content_maintype() == "multipart" else None
    if not isinstance(parts, list):
        return None
    return next((each for each in parts if isinstance(each, Mail) and each.get_content_type() == kind), None)


def fields_of(part: Mail) -> list[Mail]:
    """The groups of fields of a `message/*` part: the library has parsed them unless they are encoded."""
    payload = part.get_payload()
    groups = [each for each in payload if isinstance(each, Mail)] if isinstance(payload, list) else []
    if field_of(part, "Content-Transfer-Encoding").lower() != "base64":
        return groups
    try:
        text = base64.b64decode("".join(str(each.get_payload()) for each in groups))
    except (ValueError, binascii.Error):
        return []
    return [_read(group + b"\n\n") for group in re.split(rb"\r?\n\r?\n", text.strip())]


def field_of(mail: Mail, name: str) -> str:
    """One field on one line; empty where there is none."""
    return " ".join(str(mail.get(name, "")).split())


def _key_of_ours(returned: Mail) -> str | None:
    named = _MESSAGE_ID.search(field_of(returned, "Message-ID"))
    found = named or _VERP.search(field_of(returned, "Return-Path"))
    if found is not None:
        return found.group(1).lower()
    page = _PAGE.search("".join(field_of(returned, "List-Unsubscribe").split()))
    if page is None:
        return None
    try:
        key = base64.urlsafe_b64decode(page.group(1) + "=").decode("ascii")
    except (ValueError, binascii.Error):
        return None
    return key if _KEY.fullmatch(key) else None


def _first(part: Mail) -> Mail | None:
    payload = part.get_payload()
    first = payload[0] if isinstance(payload, list) and payload else None
    return first if isinstance(first, Mail) else None


def _read(text: bytes) -> Mail:
    return email.message_from_bytes(text, policy=email.policy.compat32)
