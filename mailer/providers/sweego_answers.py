"""What each answer of Sweego's `POST /send` means for one mail (https://learn.sweego.io/docs/sweego/send-send-post)."""

from datetime import datetime
from typing import Any

from mailer.model.mail import SendResult, Status
from mailer.model.refusals import INVALID_RECIPIENT
from mailer.providers.api import halt, parse, read_status
from mailer.providers.http import Answer
from mailer.providers.wording import safe_detail

NAME = "Sweego"

_INVALID = 422


def read_sent(answer: Answer, *, key: str, now: datetime) -> SendResult:
    """The result of one call; raises ProviderHalt where every mail would be refused."""
    found = parse(answer)
    if answer.status == 200:
        return _read_taken(found, key=key)
    if answer.status == _INVALID and isinstance(found.get("detail"), list):
        return _read_invalid(found["detail"], key=key)
    # 500 says "Unable to send message": before or after it was queued, nobody knows.
    return read_status(answer, provider=NAME, key=key, now=now)


def _read_taken(found: dict[str, Any], *, key: str) -> SendResult:
    """One recipient, one id; whether its address is spelt as we did does not matter."""
    ids = found.get("swg_uids")
    listed = (
        [each for each in ids.values() if isinstance(each, str) and each] if isinstance(ids, dict) else []
    )
    if len(listed) != 1:
        return SendResult(key, Status.UNKNOWN, http_status=200, code="unreadable-answer")
    return SendResult(key, Status.ACCEPTED, provider_ref=listed[0], http_status=200)


def _read_invalid(faults: list[Any], *, key: str) -> SendResult:
    """`loc` leads to the field: the recipient's is this mail's fault, the sender's and all others are every mail's."""
    places = [each.get("loc") for each in faults if isinstance(each, dict)]
    fields = {str(part) for place in places if isinstance(place, list) for part in place}
    if fields and all(isinstance(place, list) and "recipients" in place for place in places):
        said = safe_detail("; ".join(str(each.get("msg", "")) for each in faults if isinstance(each, dict)))
        return SendResult(key, Status.REJECTED, http_status=_INVALID, code=INVALID_RECIPIENT, detail=said)
    if "from" in fields:
        raise halt("unverified-sender", provider=NAME, code="from")
    raise halt("refused", provider=NAME, code=", ".join(sorted(fields - {"body"})) or _INVALID)
