"""The headers of one copy, serialised by hand: the standard library turns a long List-Unsubscribe into encoded words,
which breaks one-click unsubscribing (rules, "Known trap")."""

import re
from base64 import b64encode
from email.utils import format_datetime

from mailer.errors import InputError
from mailer.model.mail import Envelope, Mailbox

_FOLD = 78
#: Octets of text in one encoded word: 45 make 60 characters of base64, 72 with its frame (RFC 2047: at most 75).
_WORD_OCTETS = 45
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")

Header = tuple[str, str]


def message_headers(envelope: Envelope, subject: str) -> list[Header]:
    """Every header once, in order (rules M1, M3, M11, M12, M16 to M20); values are folded and 7-bit."""
    unsubscribe = (
        f"<{envelope.unsubscribe_url}>,\r\n <mailto:{envelope.unsubscribe_mailto}?subject=unsubscribe>"
    )
    found = [
        ("From", mailbox(envelope.sender, len("From: "))),
        ("To", mailbox(envelope.to, len("To: "))),
        ("Subject", unstructured(subject, len("Subject: "))),
        ("Date", format_datetime(envelope.date)),
        ("Message-ID", f"<{envelope.message_id}>"),
        ("List-Id", mailbox(Mailbox(envelope.list_name, envelope.list_id), len("List-Id: "))),
        ("List-Unsubscribe", unsubscribe),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Feedback-ID", envelope.feedback_id),
        ("Precedence", "bulk"),
        ("MIME-Version", "1.0"),
    ]
    if envelope.reply_to:
        found.insert(2, ("Reply-To", f"<{envelope.reply_to}>"))
    for name, value in found:
        _refuse_breaks(name, value)
    return found


def serialise(headers: list[Header]) -> bytes:
    """The header lines, CRLF; the last header of the message follows with the body."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode("ascii")


def unstructured(text: str, used: int) -> str:
    """A subject: as it is where ASCII allows, else encoded words (RFC 2047); `used` characters stand before it."""
    _refuse_breaks("Subject", text)
    if text.isascii() and "=?" not in text:
        return _folded(text, used)
    return "\r\n ".join(encoded_words(text))


def mailbox(box: Mailbox, used: int) -> str:
    """`name <address>`; the address itself is never encoded."""
    name = " ".join(box.name.split())
    if not name:
        return f"<{box.address}>"
    _refuse_breaks("From", box.name)
    if not name.isascii() or "=?" in name:
        words = "\r\n ".join(encoded_words(name))
        return f"{words}\r\n <{box.address}>"
    quoted = name if _ATOMS.fullmatch(name) else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    gap = " " if used + len(quoted) + len(box.address) + 3 <= _FOLD else "\r\n "
    return f"{quoted}{gap}<{box.address}>"


def encoded_words(text: str) -> list[str]:
    """The text in encoded words of at most 75 characters, none empty, no character cut in two (rules M6, M7)."""
    words: list[str] = []
    chunk = b""
    for character in text:
        octets = character.encode()
        if len(chunk) + len(octets) > _WORD_OCTETS:
            words.append(_word(chunk))
            chunk = b""
        chunk += octets
    return [*words, _word(chunk)] if chunk else words


def _word(octets: bytes) -> str:
    return f"=?utf-8?b?{b64encode(octets).decode()}?="


def _folded(text: str, used: int) -> str:
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        room = _FOLD - (used if not lines else 1)
        if line.strip() and len(line) + 1 + len(word) > room:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\r\n ".join([*lines, line])


def _refuse_breaks(name: str, value: str) -> None:
    """No data may start a header of its own (rules M10, security S4); our own folds are followed by a blank."""
    bare = value.replace("\r\n ", " ")
    if any(ord(character) < 32 or character in "\x7f\u0085\u2028\u2029" for character in bare):
        raise InputError(
            "The header {name} would hold a line break or control character. Remove it.", name=name
        )
