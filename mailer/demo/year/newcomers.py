"""SIMULATED sign-ups: the form is sent, the confirmation mail is opened, its button is pressed. All over HTTP."""

import re
import time
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from urllib.parse import urlencode

from mailer.demo.browsing import Browsing

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_SECONDS = 30.0


def sign_up(maildir: Path, *, base_url: str, addresses: list[str]) -> int:
    """Every address asks for the newsletter and confirms it, half of them accepting the measure; how many were served.

    Safe to repeat after an interruption: whoever is subscribed already gets no second mail.
    """
    browsing = Browsing(base_url)
    try:
        asked = sum(_ask(browsing, address) for address in addresses)
        pages = _wait_for_pages(maildir, base_url, count=asked)
        return sum(_confirm(browsing, path, place) for place, path in enumerate(pages))
    finally:
        browsing.close()


def _ask(browsing: Browsing, address: str) -> bool:
    body = urlencode({"address": address, "topic": "newsletter", "language": "fr"})
    return browsing.ask("POST", "/inscription", headers=_FORM, body=body) == 200


def _confirm(browsing: Browsing, path: str, place: int) -> bool:
    body = urlencode({"measure": "granted"} if place % 2 else {"measure": ""})
    seen = browsing.ask("GET", path, headers={})
    return seen == 200 and browsing.ask("POST", path, headers=_FORM, body=body) == 200


def _wait_for_pages(maildir: Path, base_url: str, *, count: int) -> list[str]:
    """The paths of the pages that the confirmation mails name: they leave after the answer."""
    until = time.monotonic() + _SECONDS
    while True:
        mails = sorted((maildir / "new").glob("*"))
        if len(mails) >= count or time.monotonic() > until:
            return [path for mail in mails for path in _pages(mail.read_bytes(), base_url)]
        time.sleep(0.05)


def _pages(data: bytes, base_url: str) -> list[str]:
    """The first address at home in the mail's text."""
    for part in message_from_bytes(data).walk():
        if part.get_content_type() == "text/plain":
            found = re.search(re.escape(base_url) + r"(/\S+)", _text(part))
            return [found[1]] if found else []
    return []


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
