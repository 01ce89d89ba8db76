"""The text of a block as words with their dress: for pages that show it as it will look without being a mail."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from markdown_it.token import Token

from mailer.rendering.markdown import parsed
from mailer.rendering.slots import Slot, cut, holds_mark, mark_merge_fields


@dataclass(frozen=True, slots=True)
class Span:
    """Words that look the same."""

    text: str
    is_bold: bool = False
    is_italic: bool = False
    is_link: bool = False
    #: The merge field that stands here; `text` is what is said where it is not known.
    field: str = ""


def spans(text: str) -> list[Span]:
    """Of Markdown: lists with their signs, the address of a link in parentheses behind its words."""
    if holds_mark(text):
        return [Span(text)]
    found: list[Span] = []
    depth, marker, is_item = 0, "", False
    for token in parsed(text):
        if token.type == "list_item_open":
            depth, is_item = depth + 1, True
            marker = f"{'  ' * (depth - 1)}{f'{token.info}.' if token.info else '•'} "
        elif token.type == "list_item_close":
            depth -= 1
        elif token.type == "inline":
            if found:
                found.append(Span("\n" if is_item and depth else "\n\n"))
            found += [Span(marker)] if marker else []
            found += _inline(token.children or [])
            marker, is_item = "", depth > 0
    return [each for each in found if each.text or each.field]


def plain_spans(text: str) -> list[Span]:
    """Of one line of plain text, which may hold merge fields."""
    return [Span(text)] if holds_mark(text) else list(_pieces(Span(mark_merge_fields(text))))


def _inline(children: Sequence[Token]) -> Iterator[Span]:
    dress, href = Span(""), ""
    for token in children:
        dress = _dressed(dress, token)
        if token.type == "link_open":
            href = str(token.attrs.get("href", ""))
        elif token.type == "link_close":
            yield Span(" (")
            yield from _pieces(Span(href))
            yield Span(")")
        elif token.type in {"softbreak", "hardbreak"}:
            yield replace(dress, text="\n" if token.type == "hardbreak" else " ")
        else:
            yield from _pieces(replace(dress, text=token.content))


def _dressed(dress: Span, token: Token) -> Span:
    if token.tag == "strong":
        return replace(dress, is_bold=token.nesting == 1)
    if token.tag == "em":
        return replace(dress, is_italic=token.nesting == 1)
    return replace(dress, is_link=token.nesting == 1) if token.tag == "a" else dress


def _pieces(span: Span) -> Iterator[Span]:
    try:
        pieces: Sequence[str | Slot] = cut(span.text)
    except ValueError:
        # Markdown put together what looks like a slot and is none.
        pieces = (span.text,)
    for piece in pieces:
        if isinstance(piece, str):
            yield replace(span, text=piece)
        else:
            yield replace(span, text=piece[1], field=str(piece[0]))
