"""The words of a rate: `100/s`, `500/5min`, `1000/h`."""

import re
from datetime import timedelta

from mailer.errors import SettingError
from mailer.model.mail import Rate

_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_RATE = re.compile(r"\s*(\d{1,9})\s*/\s*(\d{0,6})\s*(s|min|h|d)\s*")


def parse_rate(text: str) -> Rate:
    """The rate that the text names; raises SettingError for a text that names none."""
    found = _RATE.fullmatch(text)
    messages, count, unit = found.groups() if found else ("0", "0", "s")
    if not int(messages) or (count.strip("0") == "" and count):
        raise SettingError(
            "Setting provider.rate: {text} is not a rate. Write messages per time, such as 100/s or 500/5min.",
            text=text,
        )
    return Rate(messages=int(messages), per=timedelta(seconds=int(count or "1") * _SECONDS[unit]))
