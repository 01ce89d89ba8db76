"""What each answer of Brevo's API means for one mail: providers.md 2.4.

A refusal is a JSON object with a `code`, but one code serves for many mistakes: whether the address or the sender is
meant, only the sentence beside it tells.
"""

import re
from datetime import datetime

from mailer.model.mail import SendResult, Status
from mailer.model.refusals import INVALID_RECIPIENT
from mailer.providers.api import halt, parse, read_status
from mailer.providers.http import Answer
from mailer.providers.wording import safe_detail

NAME = "Brevo"

#: The key was used before, so the first call was taken. The guide names `duplicate_parameter`
#: (https://developers.brevo.com/docs/heterogenous-versions-batch-emails), the SDKs know `duplicate_request` as well.
DUPLICATES = {"duplicate_parameter", "duplicate_request"}
#: Codes that concern every mail -> reason of the halt.
HALTS = {
    "unauthorized": "credentials",
    "not_enough_credits": "no-credit",
    "permission_denied": "suspended",
    "account_under_validation": "suspended",
}
#: Refusals whose sentence tells whose fault it is.
_INVALID = {
    "invalid_parameter",
    "missing_parameter",
    "out_of_range",
    "bad_request",
    "not_acceptable",
    "unprocessable_entity",
}
_REFUSED = {400, 401, 402, 403, 406, 422}
_TAKEN = {200, 201, 202}
#: How the sentences name the sender and the recipient: seen in the field, not documented. Anything else halts, so
#: that a wrong guess pauses the send and loses nobody.
_ABOUT_SENDER = re.compile(r"\b(sender|from)\b", re.I)
_ABOUT_RECIPIENT = re.compile(r"\b(to|recipients?|email)\b", re.I)
#: Seconds; Brevo sends no Retry-After (https://developers.brevo.com/docs/api-limits).
_WAIT = "x-sib-ratelimit-reset"


def read_sent(answer: Answer, *, key: str, now: datetime) -> SendResult:
    """The result of one call; raises ProviderHalt where every mail would be refused."""
    found = parse(answer)
    if answer.status in _TAKEN:
        return _read_taken(found.get("messageId"), key=key, http_status=answer.status)
    code = str(found.get("code", ""))
    if answer.status in _REFUSED and code in {*DUPLICATES, *HALTS, *_INVALID}:
        return _read_refusal(code, str(found.get("message", "")), key=key, http_status=answer.status)
    return read_status(answer, provider=NAME, key=key, now=now, wait_header=_WAIT)


def _read_taken(message_id: object, *, key: str, http_status: int) -> SendResult:
    if not isinstance(message_id, str) or not message_id:
        return SendResult(key, Status.UNKNOWN, http_status=http_status, code="unreadable-answer")
    return SendResult(key, Status.ACCEPTED, provider_ref=message_id, http_status=http_status)


def _read_refusal(code: str, said: str, *, key: str, http_status: int) -> SendResult:
    if code in DUPLICATES:
        return SendResult(key, Status.ACCEPTED, http_status=http_status, code=code)
    if code in HALTS:
        raise halt(HALTS[code], provider=NAME, code=code)
    if _ABOUT_SENDER.search(said):
        raise halt("unverified-sender", provider=NAME, code=code)
    if _ABOUT_RECIPIENT.search(said):
        detail = safe_detail(said)
        return SendResult(
            key, Status.REJECTED, http_status=http_status, code=INVALID_RECIPIENT, detail=detail
        )
    raise halt("refused", provider=NAME, code=code)
