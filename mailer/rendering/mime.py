"""The body as bytes: quoted-printable, encoded once and joined per person (tens of thousands a second).

A soft line break before and after each slot is always legal, so pieces can be encoded apart (RFC 2045 6.7).
"""

import binascii
import re

SOFT = b"=\r\n"
_WIDTH = 76
#: A soft break needs one of the 76 octets.
_ROOM = _WIDTH - 1
#: Characters of addresses and simple names: they stand for themselves, and may be cut anywhere.
_BARE = re.compile(r"[A-Za-z0-9:/_?&%+,;@~.-]+")


def encode(text: str) -> bytes:
    """Quoted-printable with CRLF, lines of at most 76 octets, none of which starts with a dot or "From ".

    The last line leaves room for a soft break.
    """
    lines = binascii.b2a_qp(text.replace("\r\n", "\n").encode(), istext=True).split(b"\n")
    last = _guarded(lines.pop())
    if len(last.rpartition(b"\n")[2]) > _ROOM:
        last = _shortened(last)
    return b"\r\n".join([*map(_guarded, lines), last])


def encode_value(value: str) -> bytes:
    """What stands in a slot, after a soft break and before the next; nothing for an empty value."""
    if not value:
        return b""
    if _BARE.fullmatch(value) and value[0] != ".":
        octets = value.encode()
        if len(octets) <= _ROOM:
            return octets + SOFT
        if len(octets) <= 2 * _ROOM and value[_ROOM] != ".":
            return octets[:_ROOM] + SOFT + octets[_ROOM:] + SOFT
    return encode(value) + SOFT


def multipart(text: list[bytes], html: list[bytes], *, boundary: str) -> list[bytes]:
    """The pieces of multipart/alternative, text first (rules M4). The boundary's "=_" never occurs in quoted-printable."""
    edge = b"--" + boundary.encode()
    return [
        b'Content-Type: multipart/alternative; boundary="' + boundary.encode() + b'"\r\n\r\n',
        edge + b"\r\nContent-Type: text/plain; charset=utf-8\r\n",
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
        *text,
        b"\r\n" + edge + b"\r\nContent-Type: text/html; charset=utf-8\r\n",
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
        *html,
        b"\r\n" + edge + b"--\r\n",
    ]


def _guarded(line: bytes) -> bytes:
    """A leading dot or "From " is what careless relays trip over: the first octet is escaped."""
    if line.startswith((b".", b"From ")):
        line = b"=%02X" % line[0] + line[1:]
    return line if len(line) <= _WIDTH else _shortened(line)


def _shortened(line: bytes) -> bytes:
    """The same in two lines; an escape (`=C3`) is not cut."""
    cut = _ROOM - 3
    while b"=" in line[cut - 2 : cut]:
        cut -= 1
    return line[:cut] + SOFT + _guarded(line[cut:])
