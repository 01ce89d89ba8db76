"""One person's copy: the compiled mail is cut at its slots once per send, and joined per person. No template runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import chain
from typing import AnyStr, Protocol

from mailer.model.mail import Content, Envelope, Links, Message, Person
from mailer.rendering import headers, mime
from mailer.rendering.messages import finished
from mailer.rendering.slots import Slot, SlotKind, cut, fill_date, fill_links, mark, mark_merge_fields

_PIXEL = '<img src="{url}" alt="" width="1" height="1" style="display:block;width:1px;height:1px;border:0;">'
#: They shape Persian and Indian letters and join emoji: no controls to a reader.
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class _Gaps:
    """A text cut at its slots: at each place of `literals` that `slots` names stands the value of that slot number.

    `encoded` is the same in quoted-printable.
    """

    literals: list[str]
    encoded: list[bytes]
    slots: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Form:
    """The mail with tracked links, or with plain ones: then they are no slots, and all copies share their bytes."""

    slots: tuple[Slot, ...]
    subject: _Gaps
    html: _Gaps
    text: _Gaps


class Written(Protocol):
    """What holds a compiled issue: a snapshot, a kept version, the compiler's own answer."""

    @property
    def subject(self) -> str: ...
    @property
    def second_subject(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def links(self) -> Sequence[str]: ...
    @property
    def language(self) -> str: ...


class Copies:
    """The copies of one compiled issue. Safe to share between threads."""

    def __init__(
        self,
        *,
        subject: str,
        html: str,
        text: str,
        links: tuple[str, ...],
        language: str,
        day: date | None = None,
    ) -> None:
        """`day` is the one on which it leaves, None where only its file says when that shall be."""
        self.language = language
        # Of a letter with two subjects these are the copies that have this one.
        html = fill_date(html.replace(mark(SlotKind.SUBJECT), escape(subject)), day, language)
        text = fill_date(text.replace(mark(SlotKind.SUBJECT), subject), day, language)
        self._tracked = _form(subject, html, text)
        escaped = [escape(link) for link in links]
        self._plain = _form(fill_links(subject, links), fill_links(html, escaped), fill_links(text, links))

    @classmethod
    def of(cls, written: Written, *, second: bool = False, day: date | None = None) -> "Copies":
        """Those of an issue as it was compiled, leaving on `day`; with `second` those that have its second subject, if it has one."""
        return cls(
            subject=written.second_subject if second and written.second_subject else written.subject,
            html=written.html,
            text=written.text,
            links=tuple(written.links),
            language=written.language,
            day=day,
        )

    def content(self, person: Person, links: Links) -> Content:
        """What this person reads."""
        form = self._form_for(links)
        return _content(form, *_values(form, person, links))

    def message(self, person: Person, links: Links, envelope: Envelope, *, tag: str) -> Message:
        """The whole message, the same bytes at every attempt; raises InputError for a header that would break."""
        form = self._form_for(links)
        plain, rich = _values(form, person, links)
        content = _content(form, plain, rich)
        head = headers.message_headers(envelope, content.subject)
        in_text = [mime.encode_value(value) for value in plain]
        in_html = [
            encoded if value == same else mime.encode_value(value)
            for value, same, encoded in zip(rich, plain, in_text, strict=True)
        ]
        return finished(
            envelope,
            content,
            head,
            text=_filled(form.text.encoded, form.text.slots, in_text),
            html=_filled(form.html.encoded, form.html.slots, in_html),
            tag=tag,
        )

    def _form_for(self, links: Links) -> _Form:
        return self._plain if links.tracked is None else self._tracked


def line_for(text: str, person: Person) -> str:
    """A subject or preheader, as it was written, the way this person reads it."""
    form = _form(mark_merge_fields(text), "", "")
    plain, rich = _values(form, person, Links(unsubscribe="", preferences="", view=""))
    return _content(form, plain, rich).subject


def one_line(text: str) -> str:
    """A name on one line, without control characters: it stands in a header and in running text."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join("".join(each if each.isprintable() or each in _JOINERS else " " for each in text).split())


def _form(subject: str, html: str, text: str) -> _Form:
    parts = [cut(part) for part in (subject, html, text)]
    slots = dict.fromkeys(piece for piece in chain(*parts) if not isinstance(piece, str))
    numbers = {slot: number for number, slot in enumerate(slots)}
    return _Form(tuple(slots), *(_gaps(part, numbers) for part in parts))


def _gaps(pieces: tuple[str | Slot, ...], numbers: dict[Slot, int]) -> _Gaps:
    literals = [piece if isinstance(piece, str) else "" for piece in pieces]
    places = [(place, piece) for place, piece in enumerate(pieces) if not isinstance(piece, str)]
    encoded = [mime.encode(literal) for literal in literals]
    for place, _ in places:
        if place and literals[place - 1]:
            encoded[place - 1] += mime.SOFT
    return _Gaps(literals, encoded, tuple((place, numbers[slot]) for place, slot in places))


def _filled(literals: list[AnyStr], slots: tuple[tuple[int, int], ...], values: list[AnyStr]) -> list[AnyStr]:
    pieces = literals.copy()
    for place, number in slots:
        pieces[place] = values[number]
    return pieces


def _content(form: _Form, plain: list[str], rich: list[str]) -> Content:
    return Content(
        subject="".join(_filled(form.subject.literals, form.subject.slots, plain)),
        html="".join(_filled(form.html.literals, form.html.slots, rich)),
        text="".join(_filled(form.text.literals, form.text.slots, plain)),
    )


def _values(form: _Form, person: Person, links: Links) -> tuple[list[str], list[str]]:
    """What stands in each slot: as plain text, and escaped for HTML."""
    known = {
        SlotKind.FIRST_NAME: one_line(person.first_name),
        SlotKind.LAST_NAME: one_line(person.last_name),
        SlotKind.ORGANISATION: one_line(person.organisation),
        SlotKind.UNSUBSCRIBE: links.unsubscribe,
        SlotKind.PREFERENCES: links.preferences,
        SlotKind.VIEW: links.view,
        SlotKind.CONSENT_YES: links.consent_yes,
        SlotKind.CONSENT_NO: links.consent_no,
        SlotKind.PIXEL: "",
        SlotKind.SUBJECT: "",
    }
    tracked = links.tracked or ()
    plain = [
        tracked[int(argument)] if kind is SlotKind.LINK else known[kind] or argument
        for kind, argument in form.slots
    ]
    rich = [escape(value) for value in plain]
    if links.pixel is not None and (SlotKind.PIXEL, "") in form.slots:
        rich[form.slots.index((SlotKind.PIXEL, ""))] = _PIXEL.format(url=escape(links.pixel))
    return plain, rich
