"""The MIME message that `/send/message` makes of its fields."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

#: Written by the server itself, whatever `headers` says.
_OWN = {
    "to",
    "cc",
    "from",
    "sender",
    "subject",
    "reply-to",
    "message-id",
    "date",
    "mime-version",
    "content-type",
}


@dataclass(frozen=True, slots=True)
class Parts:
    """The checked fields; `params` holds the optional ones as they came."""

    to: Sequence[str]
    cc: Sequence[str]
    sender: str
    plain: str
    html: str
    files: Sequence[Mapping[str, Any]]
    params: Mapping[str, Any]


def compose(parts: Parts, *, message_id: str, at: datetime) -> bytes:
    """The whole message with CRLF. Blind copies are in no header."""
    mail = EmailMessage(policy=SMTP)
    for name, value in _headers(parts, message_id, at):
        if value:
            mail[name] = value
    _add_bodies(mail, parts)
    for file in parts.files:
        _attach(mail, file)
    return mail.as_bytes()


def _headers(parts: Parts, message_id: str, at: datetime) -> list[tuple[str, str]]:
    params = parts.params
    custom = params.get("headers")
    extra = custom.items() if isinstance(custom, dict) else ()
    return [
        ("From", parts.sender),
        ("Sender", str(params.get("sender") or "")),
        ("To", ", ".join(parts.to)),
        ("Cc", ", ".join(parts.cc)),
        ("Reply-To", str(params.get("reply_to") or "")),
        ("Subject", str(params.get("subject") or "")),
        ("Date", format_datetime(at)),
        ("Message-ID", f"<{message_id}>"),
        ("X-Postal-Tag", str(params.get("tag") or "")),
        *((str(name), str(value)) for name, value in extra if str(name).lower() not in _OWN),
    ]


def _add_bodies(mail: EmailMessage, parts: Parts) -> None:
    if parts.plain:
        mail.set_content(parts.plain)
    if parts.html and parts.plain:
        mail.add_alternative(parts.html, subtype="html")
    elif parts.html:
        mail.set_content(parts.html, subtype="html")


def _attach(mail: EmailMessage, file: Mapping[str, Any]) -> None:
    try:
        data = base64.b64decode(str(file["data"]))
    except binascii.Error:
        data = b""
    kind, _, subtype = str(file.get("content_type") or "application/octet-stream").partition("/")
    mail.add_attachment(data, maintype=kind, subtype=subtype or "octet-stream", filename=str(file["name"]))
