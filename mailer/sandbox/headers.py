"""What Postal reads from the head of a message: a quick look, no full parse (a body weighs 90 kB)."""

import re
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import getaddresses
from functools import lru_cache

_WANTED = re.compile(
    rb"^(from|sender|message-id|subject|x-postal-tag)[ \t]*:[ \t]*((?:[^\r\n]|\r?\n[ \t])*)", re.I | re.M
)
_OURS = re.compile(rb"^received[ \t]*:(?:[^\r\n]|\r?\n[ \t])*by sandbox\.example", re.I | re.M)
_FOLD = re.compile(r"\r?\n[ \t]+")
#: Postal refuses a message that passed it more often.
_MOST_PASSES = 4


@dataclass(frozen=True, slots=True)
class Head:
    """`senders` are the domains of From, else of Sender, in lower case; `message_id` is without brackets."""

    senders: tuple[str, ...]
    message_id: str
    subject: str
    tag: str | None


def read(raw: bytes) -> Head:
    """The head of a message whose header block ends at the first CRLF CRLF."""
    found: dict[str, str] = {}
    for name, value in _WANTED.findall(raw.split(b"\r\n\r\n", 1)[0]):
        found.setdefault(name.decode().lower(), _FOLD.sub(" ", value.decode("utf-8", "replace")).strip())
    return Head(
        senders=_domains(found.get("from", "")) or _domains(found.get("sender", "")),
        message_id=re.sub(r">.*|.*<", "", found.get("message-id", "")).strip(),
        subject=_decoded(found.get("subject", "")),
        tag=found.get("x-postal-tag") or None,
    )


def loops(raw: bytes) -> bool:
    """Whether the message came past here too often."""
    return len(_OURS.findall(raw.split(b"\r\n\r\n", 1)[0])) > _MOST_PASSES


def bare(address: str) -> str:
    """`Name <a@b>` or `a@b` as `a@b`."""
    inside = re.search(r"<([^<>]*)>", address)
    return (inside.group(1) if inside else address).strip()


#: All mails of one letter share their sender and, mostly, their subject.
@lru_cache(maxsize=256)
def _domains(value: str) -> tuple[str, ...]:
    addresses = [address for _, address in getaddresses([value]) if "@" in address]
    return tuple(address.rsplit("@", 1)[1].lower() for address in addresses)


@lru_cache(maxsize=256)
def _decoded(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError):
        return value
