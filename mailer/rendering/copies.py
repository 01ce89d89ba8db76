"""One person's copy: the compiled mail is cut at its slots once per send, and joined per person. No template runs."""

from collections.abc import Callable
from html import escape

from mailer.model.mail import Content, Envelope, Links, Message, Person
from mailer.rendering import headers, mime
from mailer.rendering.slots import Slot, SlotKind, cut, join

_PIXEL = '<img src="{url}" alt="" width="1" height="1" style="display:block;width:1px;height:1px;border:0;">'


class Copies:
    """The copies of one compiled issue. Safe to share between threads."""

    def __init__(self, *, subject: str, html: str, text: str, links: tuple[str, ...], language: str) -> None:
        self._subject = cut(subject)
        self._html = cut(html)
        self._text = cut(text)
        self._links = links
        self.language = language
        self._html_pieces = mime.encode_pieces(self._html)
        self._text_pieces = mime.encode_pieces(self._text)

    def content(self, person: Person, links: Links) -> Content:
        """What this person reads."""
        return Content(
            subject=join(self._subject, self._filler(person, links, plain=True)),
            html=join(self._html, self._filler(person, links, plain=False)),
            text=join(self._text, self._filler(person, links, plain=True)),
        )

    def message(self, person: Person, links: Links, envelope: Envelope, *, tag: str) -> Message:
        """The whole message, the same bytes at every attempt; raises InputError for a header that would break."""
        subject = join(self._subject, self._filler(person, links, plain=True))
        head = headers.message_headers(envelope, subject)
        body = mime.multipart(
            mime.join_pieces(self._text_pieces, self._filler(person, links, plain=True)),
            mime.join_pieces(self._html_pieces, self._filler(person, links, plain=False)),
            boundary=f"=_{envelope.key}",
        )
        return Message(
            key=envelope.key,
            envelope=envelope,
            content=self.content(person, links),
            headers=dict(head),
            mime=headers.serialise(head) + body,
            tag=tag,
        )

    def _filler(self, person: Person, links: Links, *, plain: bool) -> Callable[[Slot], str]:
        values = {
            SlotKind.FIRST_NAME: one_line(person.first_name),
            SlotKind.LAST_NAME: one_line(person.last_name),
            SlotKind.ORGANISATION: one_line(person.organisation),
            SlotKind.UNSUBSCRIBE: links.unsubscribe,
            SlotKind.PREFERENCES: links.preferences,
            SlotKind.VIEW: links.view,
        }

        def fill(slot: Slot) -> str:
            kind, argument = slot
            if kind is SlotKind.PIXEL:
                return "" if plain or links.pixel is None else _PIXEL.format(url=escape(links.pixel))
            if kind is SlotKind.LINK:
                number = int(argument)
                value = self._links[number] if links.tracked is None else links.tracked[number]
            else:
                value = values[kind] or argument
            return value if plain else escape(value)

        return fill


def one_line(text: str) -> str:
    """A name on one line, without control characters: it stands in a header and in running text."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
