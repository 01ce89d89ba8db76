"""The text of blocks: CommonMark limited to bold, italic, links and lists, as HTML and as plain text."""

import textwrap
from collections.abc import Sequence
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from mailer.rendering.links import LinkBook
from mailer.rendering.slots import mark_merge_fields, restore_marks, shorten_marks

_WIDTH = 76
_TAGS = {"p", "strong", "em", "a", "ul", "ol", "li", "br"}
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}


@cache
def _parser() -> MarkdownIt:
    # "js-default" keeps HTML off: what looks like a tag is text.
    parser = MarkdownIt("js-default", {"html": False, "linkify": False, "typographer": False})
    return parser.disable(
        ["image", "heading", "lheading", "hr", "code", "fence", "blockquote", "table", "reference"]
    )


def as_html(text: str, links: LinkBook) -> Markup:
    """Paragraphs and lists, cleaned of anything else; web links become slots."""
    tokens = _parser().parse(mark_merge_fields(text))
    for token in _inline(tokens):
        _mark_links(token.children or [], links)
    rendered = _parser().renderer.render(tokens, _parser().options, {})
    return Markup(nh3.clean(rendered, tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None).strip())  # noqa: S704  # cleaned


def as_text(text: str, links: LinkBook) -> str:
    """The same in plain text: lines of at most 76 characters, `label <address>` for links, `-` for items."""
    paragraphs: list[str] = []
    depth, item = 0, ""
    for token in _parser().parse(mark_merge_fields(text)):
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            depth += 1
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            depth -= 1
        elif token.type == "list_item_open":
            item = f"{token.info}. " if token.info else "- "
        elif token.type == "inline":
            paragraphs.append(_wrapped(_plain(token.children or [], links), "  " * max(0, depth - 1) + item))
            item = " " * len(item)
        if depth == 0 and token.type.endswith("_close"):
            item = ""
    return "\n\n".join(paragraphs).replace("\n\n- ", "\n- ")


def _wrapped(text: str, first: str) -> str:
    short, marks = shorten_marks(text)
    return restore_marks(_filled(short, first), marks)


def _filled(text: str, first: str) -> str:
    return "\n".join(
        textwrap.fill(
            line,
            _WIDTH,
            initial_indent=first if number == 0 else " " * len(first),
            subsequent_indent=" " * len(first),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for number, line in enumerate(text.split("\n"))
    )


def _inline(tokens: Sequence[Token]) -> list[Token]:
    return [token for token in tokens if token.type == "inline"]


def _mark_links(children: Sequence[Token], links: LinkBook) -> None:
    for place, token in enumerate(children):
        if token.type == "link_open":
            token.attrs["href"] = links.mark(str(token.attrs.get("href", "")), _label(children[place + 1 :]))


def _label(after: Sequence[Token]) -> str:
    words = []
    for token in after:
        if token.type == "link_close":
            break
        words.append(token.content)
    return "".join(words)


def _plain(children: Sequence[Token], links: LinkBook) -> str:
    parts: list[str] = []
    href = ""
    for place, token in enumerate(children):
        if token.type == "link_open":
            href = links.mark(str(token.attrs.get("href", "")), _label(children[place + 1 :]))
        elif token.type == "link_close":
            parts.append(f" <{href}>")
        elif token.type in {"softbreak", "hardbreak"}:
            parts.append("\n" if token.type == "hardbreak" else " ")
        else:
            parts.append(token.content)
    return "".join(parts)
