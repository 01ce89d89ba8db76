"""The body as bytes: quoted-printable pieces encoded once, joined per person (tens of thousands a second).

A soft line break before and after each slot is always legal, so pieces can be encoded apart (RFC 2045 6.7).
"""

import binascii
from collections.abc import Callable

from mailer.rendering.slots import Slot

_SOFT = b"=\r\n"
Piece = bytes | Slot


def encode(text: str) -> bytes:
    """Quoted-printable with CRLF, lines of at most 76 octets, no line that starts with a dot or "From "."""
    encoded = binascii.b2a_qp(text.replace("\r\n", "\n").encode(), istext=True)
    return b"\r\n".join(_guarded(line) for line in encoded.split(b"\n"))


def _guarded(line: bytes) -> bytes:
    """A leading dot or "From " is what careless relays trip over: escaped, on a line of its own where it would not fit."""
    if line.startswith(b"."):
        line, rest = b"=2E", line[1:]
    elif line.startswith(b"From "):
        line, rest = b"=46", line[1:]
    else:
        return line
    return line + rest if len(line) + len(rest) <= 76 else line + _SOFT + rest


def encode_pieces(pieces: tuple[str | Slot, ...]) -> tuple[Piece, ...]:
    """Each literal encoded; slots stay."""
    return tuple(encode(piece) if isinstance(piece, str) else piece for piece in pieces)


def join_pieces(pieces: tuple[Piece, ...], fill: Callable[[Slot], str]) -> bytes:
    """One person's part; an empty value leaves a soft break, which decodes to nothing."""
    parts = []
    for piece in pieces:
        if isinstance(piece, bytes):
            parts.append(piece)
        else:
            value = fill(piece)
            parts += (_SOFT, encode(value), _SOFT) if value else (_SOFT,)
    return b"".join(parts)


def multipart(text: bytes, html: bytes, *, boundary: str) -> bytes:
    """multipart/alternative, text first (rules M4). The boundary's "=_" never occurs in quoted-printable."""
    edge = b"--" + boundary.encode()
    return b"".join(
        (
            b'Content-Type: multipart/alternative; boundary="' + boundary.encode() + b'"\r\n\r\n',
            edge + b"\r\nContent-Type: text/plain; charset=utf-8\r\n",
            b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + text + b"\r\n",
            edge + b"\r\nContent-Type: text/html; charset=utf-8\r\n",
            b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + html + b"\r\n",
            edge + b"--\r\n",
        )
    )
