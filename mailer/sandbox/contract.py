"""Postal's legacy API, version 1: what a request may ask, and in which words it is refused (providers.md 2.1)."""

import binascii
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from mailer.sandbox import headers
from mailer.sandbox.composition import Parts, compose
from mailer.sandbox.post import Submission
from mailer.tokens import random_bytes

_MOST_ADDRESSES = 50
_MESSAGES = {
    "AccessDenied": "Must be authenticated as a server.",
    "InvalidServerAPIKey": "The API token provided in X-Server-API-Key was not valid.",
    "MessageNotFound": "No message found matching provided ID",
    "NoRecipients": "There are no recipients defined to receive this message",
    "NoContent": "There is no content defined for this e-mail",
    "TooManyToAddresses": "The maximum number of To addresses has been reached (maximum 50)",
    "TooManyCCAddresses": "The maximum number of CC addresses has been reached (maximum 50)",
    "TooManyBCCAddresses": "The maximum number of BCC addresses has been reached (maximum 50)",
    "FromAddressMissing": "The From address is missing and is required",
    "UnauthenticatedFromAddress": "The From address is not authorised to send mail from this server",
    "AttachmentMissingName": "An attachment is missing a name",
    "AttachmentMissingData": "An attachment is missing data",
}
Params = Mapping[str, Any]


class Refusal(Exception):
    """An answer other than success: `status` is `error` or `parameter-error`."""

    def __init__(self, status: str, data: Mapping[str, object]) -> None:
        super().__init__(status)
        self.status, self.data = status, data


class Unhandled(Exception):
    """Something that makes Postal raise: an HTML page with status 500."""


def parameters(content_type: str, body: bytes, query: bytes) -> Params:
    """The JSON object of the body, or of the form field `params` in body or query; nothing gives an empty one."""
    try:
        if content_type.startswith("application/json"):
            found = json.loads(body) if body else {}
        else:
            fields = {**parse_qs(query.decode()), **parse_qs(body.decode())}
            found = json.loads(fields["params"][0]) if "params" in fields else {}
    except ValueError as error:
        raise Unhandled("not JSON") from error
    return found if isinstance(found, dict) else {}


def authenticate(key: str, *, expected: str, suspended: bool) -> None:
    """Raises the Refusal for a missing key, a wrong key or a suspended server."""
    if not key:
        raise _refused("AccessDenied")
    if key != expected:
        raise _refused("InvalidServerAPIKey", token=key)
    if suspended:
        raise Refusal("error", {"code": "ServerSuspended"})


def raw(params: Params, *, domains: Sequence[str]) -> Submission:
    """`/send/raw`: the bytes as they are; recipients verbatim, each once."""
    if not isinstance(params.get("rcpt_to"), list):
        raise _missing("rcpt_to")
    for name in ("mail_from", "data"):
        if not params.get(name):
            raise _missing(name)
    message = _decode(params["data"])
    head = headers.read(message)
    if not may_send(head.senders, domains):
        raise _refused("UnauthenticatedFromAddress")
    recipients = tuple(dict.fromkeys(_text(each) for each in params["rcpt_to"]))
    return Submission(
        _text(params["mail_from"]), recipients, message, head, bounce=bool(params.get("bounce"))
    )


def message(params: Params, *, domains: Sequence[str], domain: str, at: datetime) -> Submission:
    """`/send/message`: the server composes; recipients bare; the Message-ID is always the server's own, at `domain`."""
    to, cc, bcc = (_addresses(params.get(name)) for name in ("to", "cc", "bcc"))
    sender = _text(params.get("from") or "")
    files = [each for each in params.get("attachments") or [] if isinstance(each, dict)]
    bodies = (_text(params.get("plain_body") or ""), _text(params.get("html_body") or ""))
    from_domains = (headers.bare(sender).rpartition("@")[2].lower(),)
    for code, fails in (
        ("NoRecipients", not (to or cc or bcc)),
        ("TooManyToAddresses", len(to) > _MOST_ADDRESSES),
        ("TooManyCCAddresses", len(cc) > _MOST_ADDRESSES),
        ("TooManyBCCAddresses", len(bcc) > _MOST_ADDRESSES),
        ("NoContent", not any(body.strip() for body in bodies)),
        ("FromAddressMissing", not sender),
        ("UnauthenticatedFromAddress", not may_send(from_domains, domains)),
        ("AttachmentMissingName", any(not each.get("name") for each in files)),
        ("AttachmentMissingData", any(not each.get("data") for each in files)),
    ):
        if fails:
            raise _refused(code)
    parts = Parts(to=to, cc=cc, sender=sender, plain=bodies[0], html=bodies[1], files=files, params=params)
    composed = compose(parts, message_id=f"{_uuid()}@{domain}", at=at)
    recipients = tuple(dict.fromkeys(headers.bare(each) for each in (*to, *cc, *bcc)))
    bounce = bool(params.get("bounce"))
    return Submission(headers.bare(sender), recipients, composed, headers.read(composed), bounce=bounce)


def number(params: Params) -> int:
    """The `id` of a look-up; a text makes Postal's SQL fail, which is its HTML page 500."""
    value = params.get("id")
    if not value:
        raise _missing("id")
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unhandled("id is not an integer")
    return value


def not_found(identifier: int) -> Refusal:
    return _refused("MessageNotFound", id=identifier)


def may_send(senders: Sequence[str], domains: Sequence[str]) -> bool:
    """Whether every From domain is one of the server's; `.example` stands for all under it."""
    return bool(senders) and all(
        any(domain == known or (known.startswith(".") and domain.endswith(known)) for known in domains)
        for domain in senders
    )


def _decode(data: object) -> bytes:
    if not isinstance(data, str):
        raise Unhandled("data is not a text")
    for text in (data, data.rstrip("=\r\n") + "=="):  # Ruby's decode64 does not insist on padding
        try:
            return binascii.a2b_base64(text)
        except (binascii.Error, ValueError):
            continue
    return b""


def _addresses(value: object) -> list[str]:
    if isinstance(value, str):
        value = value.split(",")
    texts = [_text(each).strip() for each in value] if isinstance(value, list) else []
    return [text for text in texts if "@" in text]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Unhandled("not a text")
    return value


def _uuid() -> uuid.UUID:
    return uuid.UUID(bytes=random_bytes(16), version=4)


def _missing(name: str) -> Refusal:
    return Refusal("parameter-error", {"message": f"`{name}` parameter is required but is missing"})


def _refused(code: str, **data: object) -> Refusal:
    return Refusal("error", {"code": code, "message": _MESSAGES[code], **data})
