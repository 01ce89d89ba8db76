"""The headers of one copy, serialised by hand: the standard library turns a long List-Unsubscribe into encoded words,
which breaks one-click unsubscribing (rules, "Known trap")."""

import re
from base64 import b64encode
from email.utils import format_datetime
from functools import lru_cache

from mailer.errors import InputError
from mailer.model.mail import Envelope, Mailbox

_FOLD = 78
NEW_LINE = "\r\n "
#: A line with an encoded word, and the frame `=?utf-8?b?…?=` of such a word (RFC 2047: 76, and 75 for one word).
_WORD_LINE = 76
_FRAME = 12
#: An address is never folded: with the name of its header it must fit into the 998 octets of a line (rules M2).
_LONGEST = 900
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_BREAKS_OUT = re.compile('[\x00-\x20\x7f-\U0010ffff<>,;"()\\\\]')

Header = tuple[str, str]


def message_headers(envelope: Envelope, subject: str) -> list[Header]:
    """Every header once, in order (rules M1, M3, M11, M12, M16 to M20); values are folded and 7-bit.

    Raises InputError where data would start a header of its own, or hold a second address (rules M10, M28).
    """
    return _framed(
        envelope,
        subject,
        ("List-Id", mailbox("List-Id", Mailbox(envelope.list_name, envelope.list_id))),
        ("List-Unsubscribe", unsubscribe(envelope.unsubscribe_url, envelope.unsubscribe_mailto)),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Feedback-ID", _bare("Feedback-ID", envelope.feedback_id)),
        ("Precedence", "bulk"),
    )


def notice_headers(envelope: Envelope, subject: str) -> list[Header]:
    """Those of a mail that the program writes by itself to one person who asked for it: no list (rules M19)."""
    return _framed(
        envelope,
        subject,
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "OOF, AutoReply"),
    )


def _framed(envelope: Envelope, subject: str, *own: Header) -> list[Header]:
    """What every mail has, around what its kind has of its own."""
    found = [
        ("From", mailbox("From", envelope.sender)),
        ("To", mailbox("To", envelope.to)),
        ("Subject", unstructured("Subject", subject)),
        ("Date", format_datetime(envelope.date)),
        ("Message-ID", f"<{_bare('Message-ID', envelope.message_id)}>"),
        *own,
        ("MIME-Version", "1.0"),
    ]
    if envelope.reply_to:
        found.insert(2, ("Reply-To", f"<{_bare('Reply-To', envelope.reply_to)}>"))
    return found


def serialise(headers: list[Header]) -> bytes:
    """The header lines, CRLF; the last header of the message follows with the body."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode("ascii")


def unfolded(headers: list[Header]) -> dict[str, str]:
    """Name -> value on one line, still 7-bit, for providers that take headers one by one."""
    return {name: value.replace("\r\n", "") for name, value in headers}


def unsubscribe(url: str, address: str) -> str:
    """One https and one mailto address, folded between them and never inside (rules M2, M11)."""
    target = _bare("List-Unsubscribe", address)
    return f"<{_bare('List-Unsubscribe', url)}>,\r\n <mailto:{target}?subject=unsubscribe>"


@lru_cache(maxsize=64)
def unstructured(name: str, text: str) -> str:
    """A value as it is where ASCII allows, else as encoded words (RFC 2047), folded for that header."""
    _refuse_control(name, text)
    if text.isascii() and "=?" not in text and (folded := _folded(text, len(name) + 2)) is not None:
        return folded
    return NEW_LINE.join(encoded_words(text, used=len(name) + 2))


@lru_cache(maxsize=64)
def mailbox(name: str, box: Mailbox) -> str:
    """`display name <address>`; the address itself is never encoded."""
    _refuse_control(name, box.name)
    address = _bare(name, box.address)
    shown = " ".join(box.name.split())
    if not shown:
        return f"<{address}>"
    quoted = shown if _ATOMS.fullmatch(shown) else '"' + re.sub(r'(["\\])', r"\\\1", shown) + '"'
    if not shown.isascii() or "=?" in shown or len(name) + 2 + len(quoted) > _FOLD:
        return NEW_LINE.join([*encoded_words(shown, used=len(name) + 2), f"<{address}>"])
    fits = len(name) + len(quoted) + len(address) + 5 <= _FOLD
    return f"{quoted}{' ' if fits else NEW_LINE}<{address}>"


def encoded_words(text: str, *, used: int = 1) -> list[str]:
    """The text in encoded words, none empty, no character cut in two (rules M6, M7), one a line after a blank; `used`
    characters stand on the line of the first."""
    words: list[str] = []
    chunk, room = b"", _octets(used)
    for character in text:
        octets = character.encode()
        if len(chunk) + len(octets) > room:
            words.append(_word(chunk))
            chunk, room = b"", _octets(1)
        chunk += octets
    return [*words, _word(chunk)] if chunk else words


def _octets(used: int) -> int:
    """What base64 takes on the rest of a line: three octets for four characters."""
    return (_WORD_LINE - used - _FRAME) // 4 * 3


def _word(octets: bytes) -> str:
    return f"=?utf-8?b?{b64encode(octets).decode()}?="


def _folded(text: str, used: int) -> str | None:
    """ASCII text in lines of at most 78, the first of which has `used` characters before it; None where a word is too
    long for that, or where blanks would not survive the folding."""
    if text != " ".join(text.split()):
        return None
    lines, line, room = [], "", _FOLD - used
    for word in text.split():
        if len(word) > _FOLD - max(1, used):
            return None
        if line and len(line) + 1 + len(word) > room:
            lines.append(line)
            line, room = word, _FOLD - 1
        else:
            line = f"{line} {word}" if line else word
    return NEW_LINE.join([*lines, line])


def _refuse_control(name: str, data: str) -> None:
    """No data may start a header of its own (rules M10, security S4)."""
    if _CONTROL.search(data):
        raise InputError(
            "The header {name} would hold a line break or control character. Remove it.", name=name
        )


def _bare(name: str, data: str) -> str:
    """An address, identifier or URL, which is never encoded: nothing in it may end it."""
    _refuse_control(name, data)
    if not data or len(data) > _LONGEST or _BREAKS_OUT.search(data):
        raise InputError(
            "The header {name} would hold an address that breaks it. Mend the address.", name=name
        )
    return data
