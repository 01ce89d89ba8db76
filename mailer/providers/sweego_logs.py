"""Sweego's log as a look-up (https://learn.sweego.io/docs/sweego/logs-logs-post): what went to one address since a day,
told apart by our header.

"Absent" leads to a second hand-over that nothing would stop, so it is said only of a list that was read whole, in which
every entry names another delivery.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from mailer.model.mail import Pending, Resolution, Resolved
from mailer.providers.api import parse
from mailer.providers.http import Answer, Door

#: The path ends in a slash: without it the server redirects.
_LOGS = "/logs/"
_MOST = 500
#: The list need not show the headers of each mail; the page of one mail does. So many are read for one question.
_MOST_PAGES = 10
#: After how long a mail that was taken is surely in the log: not documented.
SETTLE = timedelta(minutes=15)
#: Days are the provider's, in a time zone that is not documented: one more on each side.
_A_DAY = timedelta(days=1)
_HEADER = "x-delivery"


def ask(door: Door, address: str, *, since: datetime) -> Answer:
    """The log's entries for one address; raises NotSent or Unclear."""
    question = {
        "channel": "email",
        "provider": "sweego",
        "search_word": address,
        "start_date": (since - _A_DAY).date().isoformat(),
        "offset": 0,
        "size": _MOST,
    }
    return door.post(_LOGS, json.dumps(question).encode())


def look_up(door: Door, pending: Pending) -> Resolution | None:
    """What the log says of one delivery; None if it did not answer."""
    answer = ask(door, pending.address, since=pending.first_attempt_at)
    found = parse(answer)
    entries = found.get("result")
    if answer.status != 200 or not isinstance(entries, list):
        return None
    told = [(entry, _key_of(entry)) for entry in entries if isinstance(entry, dict)]
    for entry, key in told:
        if key == pending.key:
            return _present(pending, entry)
    silent = [entry for entry, key in told if key is None]
    whole = len(told) == len(entries) and len(entries) < _MOST and len(silent) <= _MOST_PAGES
    return _read_pages(door, pending, silent) if whole else Resolution(pending.key, Resolved.UNDECIDED)


def _read_pages(door: Door, pending: Pending, silent: list[dict[str, Any]]) -> Resolution | None:
    """The pages of entries that did not show their headers; one that still does not might be ours."""
    for entry in silent:
        answer = door.get(f"{_LOGS}{quote(str(entry.get('swg_uid', '')), safe='')}")
        if answer.status != 200:
            return None
        key = _key_of(parse(answer))
        if key == pending.key:
            return _present(pending, entry)
        if key is None:
            return Resolution(pending.key, Resolved.UNDECIDED)
    return Resolution(pending.key, Resolved.ABSENT)


def _key_of(entry: Mapping[str, Any]) -> str | None:
    """The delivery that an entry names: empty for a mail with other headers; None where none are shown."""
    headers = entry.get("headers")
    if not isinstance(headers, dict) or not headers:
        return None
    return next((str(value) for name, value in headers.items() if str(name).lower() == _HEADER), "")


def _present(pending: Pending, entry: Mapping[str, Any]) -> Resolution:
    reference = entry.get("swg_uid")
    return Resolution(pending.key, Resolved.PRESENT, reference if isinstance(reference, str) else None)
