"""What each answer of Mailjet's Send API means for one mail: providers.md 2.3.

A call is answered 200, or 400 with one entry per message: some taken, some not. Every entry with `Status: error` was
not taken; anything that is neither is a doubt.
"""

from datetime import datetime
from typing import Any

from mailer.errors import ProviderHalt
from mailer.model.mail import SendResult, Status
from mailer.model.refusals import INVALID_RECIPIENT
from mailer.providers.api import halt, parse, read_status
from mailer.providers.http import Answer
from mailer.providers.wording import safe_detail

NAME = "Mailjet"

#: Codes of https://dev.mailjet.com/email/reference/overview/errors/ that concern every mail -> reason of the halt.
HALTS = {
    "mj-0001": "suspended",
    "mj-0015": "credentials",
    "send-0008": "unverified-sender",
}
#: What is wrong with this mail alone, for ever: its address, its size.
REJECTIONS = {"mj-0013", "mj-0008", "mj-0011"}


def read_sent(answer: Answer, *, key: str, now: datetime) -> SendResult:
    """The result of one call with one message; raises ProviderHalt where every mail would be refused."""
    found = parse(answer)
    entry = _entry(found)
    if entry is not None and answer.status in {200, 400}:
        return _read_entry(entry, key=key, http_status=answer.status)
    code = str(found.get("ErrorCode", ""))
    if answer.status in {400, 401, 403} and code:
        raise _refusal(code, answer.status)
    if answer.status in {200, 400}:
        return SendResult(key, Status.UNKNOWN, http_status=answer.status, code="unreadable-answer")
    return read_status(answer, provider=NAME, key=key, now=now)


def _entry(found: dict[str, Any]) -> dict[str, Any] | None:
    """The entry of our one message."""
    entries = found.get("Messages")
    if not isinstance(entries, list) or len(entries) != 1 or not isinstance(entries[0], dict):
        return None
    return entries[0]


def _read_entry(entry: dict[str, Any], *, key: str, http_status: int) -> SendResult:
    if entry.get("Status") == "success" and entry.get("CustomID", key) == key:
        return SendResult(key, Status.ACCEPTED, provider_ref=_reference(entry), http_status=http_status)
    error = _first_error(entry)
    if entry.get("Status") != "error" or error is None:
        return SendResult(key, Status.UNKNOWN, http_status=http_status, code="unreadable-answer")
    code = str(error.get("ErrorCode", ""))
    if code in REJECTIONS or _is_about_recipient(error):
        code = INVALID_RECIPIENT if _is_about_address(error) else code
        detail = safe_detail(error.get("ErrorMessage", ""))
        return SendResult(key, Status.REJECTED, http_status=http_status, code=code, detail=detail)
    raise _refusal(code, http_status)


def _refusal(code: str, status: int) -> ProviderHalt:
    """Why nothing at all would be taken."""
    known = {401: "credentials", 403: "suspended"}.get(status, "refused")
    return halt(HALTS.get(code, known), provider=NAME, code=code or status)


def _first_error(entry: dict[str, Any]) -> dict[str, Any] | None:
    errors = entry.get("Errors")
    if not isinstance(errors, list) or not errors or not isinstance(errors[0], dict):
        return None
    return errors[0]


def _is_about_recipient(error: dict[str, Any]) -> bool:
    """`ErrorRelatedTo: ["To[0].Email"]`."""
    related = error.get("ErrorRelatedTo")
    return (
        isinstance(related, list) and bool(related) and all(str(each).startswith("To[") for each in related)
    )


def _is_about_address(error: dict[str, Any]) -> bool:
    """The address itself, not the name before it."""
    return _is_about_recipient(error) and all(
        str(each).endswith(".Email") for each in error["ErrorRelatedTo"]
    )


def _reference(entry: dict[str, Any]) -> str | None:
    """Mailjet's MessageID, a whole number of 64 bits: exact as text, not as a floating-point number."""
    boxes = entry.get("To")
    number = (
        boxes[0].get("MessageID")
        if isinstance(boxes, list) and boxes and isinstance(boxes[0], dict)
        else None
    )
    return str(number) if isinstance(number, int) and not isinstance(number, bool) else None
