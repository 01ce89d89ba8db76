"""Thousands of copies of one letter differ in a name and in signed tokens: what is left is judged once.

Judged for each copy all the same: its bytes, its header lines, and what its tokens hold.
"""

import quopri
import re
from collections.abc import Iterator

from tests.gates.bodies import check_lines
from tests.gates.checker import faults
from tests.gates.fields import check_fields, clear_addresses
from tests.gates.mail import Mail, decoded

_TOKEN = re.compile(rb"/([ocupv])/([A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{22,})(?=[^A-Za-z0-9_.-]|\.gif)")
#: Nothing that a template, a header or HTML could take for its own.
_PLAIN = re.compile(r"[\w’-]+(?: [\w’-]+)*")
#: Subject, kind, the address where the letter names it, body.
Likeness = tuple[str, str, str, bytes]


class Judge:
    """Remembers the letters that it has read."""

    def __init__(self) -> None:
        self._known: dict[Likeness, tuple[str, ...]] = {}

    def faults(self, mail: Mail) -> list[str]:
        like, tokens = likeness(mail)
        if like not in self._known:
            self._known[like] = tuple(faults(mail))
            return list(self._known[like])
        own = (*check_fields(mail), *check_lines(mail), *clear_addresses(mail, tokens))
        return list(dict.fromkeys((*own, *self._known[like])))


def likeness(mail: Mail) -> tuple[Likeness, list[str]]:
    """Subject and body with places for the name and for each token, and the addresses of those tokens.

    A token that stands twice has the same place: whether the links of the body are those of the header is part of it.
    """
    body = mail.raw.partition(b"\r\n\r\n")[2].replace(b"=\r\n", b"")
    kind = mail.one("content-type")
    if boundary := re.search(r'boundary="([^"]+)"', kind):
        body = body.replace(boundary[1].encode(), b"(boundary)")
        kind = kind.replace(boundary[1], "(boundary)")
    body = _nameless(mail, body)
    # Somebody who is named in the letter by their address is like nobody else.
    own = mail.recipient if mail.recipient.encode() in body else ""
    places: dict[bytes, int] = {}
    for _, token in _TOKEN.findall(mail.unsubscribe_url.encode() + b" "):
        places[token] = 0
    home, found = mail.unsubscribe_url.partition("/u/")[0], list[str]()

    def place(match: re.Match[bytes]) -> bytes:
        found.append(home + match[0].decode())
        return b"/%b/(%d)" % (match[1], places.setdefault(match[2], len(places)))

    body = _TOKEN.sub(place, body)
    return (mail.subject, kind, own, body), found


def _nameless(mail: Mail, body: bytes) -> bytes:
    for name in _names(mail):
        written = quopri.encodestring(name.encode()).replace(b"=\n", b"")
        if written in body:
            return body.replace(written, b"(name)")
    return body


def _names(mail: Mail) -> Iterator[str]:
    """What the recipient may be called, the longest first; nothing that is no plain name."""
    words = decoded(mail.one("to").rpartition("<")[0]).strip().strip('"').split()
    names = (" ".join(words[:count]) for count in range(len(words), 0, -1))
    return (name for name in names if _PLAIN.fullmatch(name))
