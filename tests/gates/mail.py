"""One mail taken apart from its raw bytes: header lines as they stand, decoded parts, the links."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from functools import cached_property
from html import escape
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement, document_fromstring

_ENDS_OF_URL = ".,;:!?)»\u00a0\u202f"


@dataclass(frozen=True)
class Mail:
    """`raw` is never changed; everything else is read from it."""

    raw: bytes

    @cached_property
    def head(self) -> bytes:
        return self.raw.split(b"\r\n\r\n", 1)[0]

    @cached_property
    def headers(self) -> list[tuple[str, str]]:
        """Lower-case name and unfolded value of each field, in order; bytes shown as Latin-1."""
        lines = re.sub(rb"\r?\n(?=[ \t])", b"", self.head).decode("latin-1").splitlines()
        fields = [line.partition(":") for line in lines]
        return [(name.strip().lower(), value.strip()) for name, colon, value in fields if colon]

    def all(self, name: str) -> list[str]:
        return [value for found, value in self.headers if found == name]

    def one(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    @cached_property
    def parsed(self) -> Message:
        return message_from_bytes(self.raw)

    @cached_property
    def leaves(self) -> list[Message]:
        return [part for part in self.parsed.walk() if not part.is_multipart()]

    def part(self, kind: str) -> Message | None:
        return next((part for part in self.leaves if part.get_content_type() == kind), None)

    @cached_property
    def html(self) -> str:
        return _text(self.part("text/html"))

    @cached_property
    def text(self) -> str:
        return _text(self.part("text/plain")).replace("\r\n", "\n")

    @cached_property
    def tree(self) -> HtmlElement | None:
        try:
            return document_fromstring(self.html) if self.html.strip() else None
        except (etree.ParserError, ValueError):
            return None

    @cached_property
    def subject(self) -> str:
        return decoded(self.one("subject"))

    @cached_property
    def links(self) -> list[str]:
        """Each `href` of the HTML part."""
        return [] if self.tree is None else [str(url) for url in self.tree.xpath("//a/@href")]

    @cached_property
    def sources(self) -> list[str]:
        """Each picture of the HTML part, backgrounds included."""
        if self.tree is None:
            return []
        styled = re.findall(r"url\(\s*['\"]?([^'\")]+)", self.html)
        return [*map(str, self.tree.xpath("//@src|//@background|//@srcset|//@poster")), *styled]

    @cached_property
    def text_links(self) -> set[str]:
        found = re.findall(r"(?:https?://|mailto:)[^\s<>\"\]]+", self.text)
        return {bare(url) for url in found}

    @cached_property
    def unsubscribe_url(self) -> str:
        found = re.findall(r"<(https?://[^<>]*)>", self.one("list-unsubscribe"))
        return str(found[0]) if found else ""

    def without_name(self, text: str) -> str:
        """The text without what the recipient calls himself: a name is data, and arrives as it was given.

        The first words of the display name, as many as stand in the text.
        """
        words = decoded(self.one("to").rpartition("<")[0]).strip().strip('"').replace("\\", "").split()
        for count in range(len(words), 0, -1):
            name = " ".join(words[:count])
            for form in (name, escape(name)):
                if form in text:
                    return text.replace(form, "")
        return text

    @cached_property
    def recipient(self) -> str:
        found = re.findall(r"[^\s<>,;:\"]+@[^\s<>,;:\"]+", self.one("to"))
        return str(found[-1]).lower() if found else ""


def decoded(value: str) -> str:
    """A header value for people; what cannot be decoded shows as U+FFFD."""
    pieces = []
    for piece, charset in decode_header(value):
        data = piece.encode("latin-1", "replace") if isinstance(piece, str) else piece
        pieces.append(data.decode(charset or "latin-1", "replace"))
    return "".join(pieces)


def bare(url: str) -> str:
    """Without the punctuation that ends a sentence."""
    return url.rstrip(_ENDS_OF_URL)


def is_local(url: str) -> bool:
    """On this machine: the demo's links are plain http, all others must be https."""
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}


def _text(part: Message | None) -> str:
    if part is None:
        return ""
    data = part.get_payload(decode=True)
    return data.decode("utf-8", "replace") if isinstance(data, bytes) else ""
