"""Slots: the places of a compiled mail that differ from person to person.

A mark is letters and digits only, so that MJML, premailer and Markdown leave it alone wherever it stands:
`RELAIS` + the hex of `kind|argument` + `SIALER`.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum

from mailer.i18n import written_date

_MARK = re.compile(r"RELAIS((?:[0-9a-f]{2})+)SIALER")
_MERGE = re.compile(
    r"\{\{[ \t\u00a0]*(first_name|last_name|organisation)[ \t\u00a0]*(?:\|([^{}|\r\n]*))?\}\}"
)
_MARK_OR_PRIVATE = re.compile(f"{_MARK.pattern}|[\ue000\ue001]")
_SHORT = re.compile("\ue000(.)\ue001*")
#: What takes about as much place as a usual name.
_NAMES = {b"first_name", b"last_name", b"organisation", b"date"}
_NAME_WIDTH = 12
_DATE = "d\u00a0MMMM y"


class SlotKind(StrEnum):
    """What is filled in; a merge value has its fallback as argument, a link its number."""

    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    ORGANISATION = "organisation"
    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"
    VIEW = "view"
    CONSENT_YES = "consent_yes"
    CONSENT_NO = "consent_no"
    LINK = "link"
    #: Where a letter with two subjects shows its own.
    SUBJECT = "subject"
    PIXEL = "pixel"
    #: The day on which it leaves; its argument, in ISO 8601, is the one that the file wishes for.
    DATE = "date"


Slot = tuple[SlotKind, str]


def mark(kind: SlotKind, argument: str = "") -> str:
    """The mark of one slot."""
    return f"RELAIS{f'{kind}|{argument}'.encode().hex()}SIALER"


def mark_merge_fields(text: str) -> str:
    """`{{ first_name | fallback }}` becomes a slot; any other braces stay the literal text that they are."""
    return _MERGE.sub(lambda found: mark(SlotKind(found[1]), (found[2] or "").strip()), text)


def speak_merge_fields(text: str) -> str:
    """The text as it is said of nobody: the fallback of each field, an ellipsis where it has none."""
    return _MERGE.sub(lambda found: (found[2] or "").strip() or "…", text)


def holds_mark(text: str) -> bool:
    """Whether a text written by people imitates a mark: refused, it would be filled in."""
    return _MARK.search(text) is not None


def shorten_marks(text: str) -> tuple[str, list[str]]:
    """Marks in a few private characters, about as wide as what people will see, so that lines can be wrapped; and
    the marks. The private characters of the text itself are kept in the same way."""
    marks: list[str] = []

    def short(found: re.Match[str]) -> str:
        marks.append(found[0])
        return f"\ue000{chr(0xE100 + len(marks) - 1)}".ljust(_width(found), "\ue001")

    return _MARK_OR_PRIVATE.sub(short, text), marks


def restore_marks(text: str, marks: list[str]) -> str:
    """The inverse of shorten_marks."""
    return _SHORT.sub(lambda found: marks[ord(found[1]) - 0xE100], text)


def say_marks(text: str) -> str:
    """Shortened marks as people read them in a sentence: an ellipsis."""
    return _SHORT.sub("…", text)


def _width(found: re.Match[str]) -> int:
    """A name takes the place of a usual one; an address takes none: it is not broken whatever its length."""
    return _NAME_WIDTH if found[1] and bytes.fromhex(found[1]).partition(b"|")[0] in _NAMES else 2


def stray_mark(text: str, *, links: int) -> bool:
    """Whether a mark stands there that nothing fills: Markdown may have put one together from `&#82;ELAIS…`."""
    return any(not _is_filled(found[1], links) for found in _MARK.finditer(text))


def _is_filled(code: str, links: int) -> bool:
    kind, _, argument = bytes.fromhex(code).partition(b"|")
    if kind == SlotKind.LINK.encode():
        return argument.isdigit() and int(argument) < links
    return kind in {each.encode() for each in SlotKind} and argument.decode(errors="replace").isprintable()


def cut(text: str) -> tuple[str | Slot, ...]:
    """The text as literals and slots, in order."""
    return tuple(_pieces(text))


def fill_date(text: str, day: date | None, language: str) -> str:
    """With the day in words, or without one that which the file wishes for; the other slots stay."""
    return "".join(
        piece
        if isinstance(piece, str)
        else _said(day, piece[1], language)
        if piece[0] is SlotKind.DATE
        else mark(*piece)
        for piece in cut(text)
    )


def _said(day: date | None, wished: str, language: str) -> str:
    try:
        return written_date(day or date.fromisoformat(wished), _DATE, language)
    except ValueError:  # a mark that Markdown has put together
        return wished


def _pieces(text: str) -> Iterator[str | Slot]:
    position = 0
    for found in _MARK.finditer(text):
        if found.start() > position:
            yield text[position : found.start()]
        kind, _, argument = bytes.fromhex(found[1]).decode().partition("|")
        yield SlotKind(kind), argument
        position = found.end()
    if position < len(text):
        yield text[position:]


def fill_links(text: str, links: Sequence[str]) -> str:
    """With the plain links in the places of their slots; the other slots stay."""
    return "".join(
        piece
        if isinstance(piece, str)
        else links[int(piece[1])]
        if piece[0] is SlotKind.LINK
        else mark(*piece)
        for piece in cut(text)
    )
