"""The text of blocks: CommonMark limited to bold, italic, links and lists, as HTML and as plain text."""

from collections.abc import Sequence
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mailer.rendering.links import LinkBook
from mailer.rendering.slots import mark_merge_fields

_TAGS = {"p", "strong", "em", "a", "ul", "ol", "li", "br"}
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}


@cache
def _parser() -> MarkdownIt:
    # "js-default" keeps HTML off: what looks like a tag is text.
    parser = MarkdownIt("js-default", {"html": False, "linkify": False, "typographer": False})
    return parser.disable(
        ["image", "heading", "lheading", "hr", "code", "fence", "blockquote", "table", "reference"]
    )


def parsed(text: str) -> list[Token]:
    """What it is made of, with slots in the places of merge fields."""
    return _parser().parse(mark_merge_fields(text))


def as_html(text: str, links: LinkBook) -> str:
    """Paragraphs and lists, cleaned of anything else; web links become slots."""
    tokens = parsed(text)
    for token in _inline(tokens):
        _mark_links(token.children or [], links)
    rendered = _parser().renderer.render(tokens, _parser().options, {})
    return nh3.clean(rendered, tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None).strip()


def as_text(text: str, links: LinkBook) -> str:
    """The same in plain text, not wrapped: `label <address>` for links, `-` or numbers for items."""
    parts: list[str] = []
    indents: list[str] = []
    marker, depth_before = "", 0
    for token in parsed(text):
        if token.type == "list_item_open":
            marker = f"{token.info}. " if token.info else "- "
            indents.append(" " * len(marker))
        elif token.type == "list_item_close":
            indents.pop()
        elif token.type == "inline":
            outer = "".join(indents)
            parts.append("\n" if marker and depth_before else "\n\n")
            parts.append(outer[: len(outer) - len(marker)] + marker)
            parts.append(_plain(token.children or [], links).replace("\n", f"\n{outer}"))
            marker, depth_before = "", len(indents)
    return "".join(parts[1:])


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
    opened, href = 0, ""
    for token in children:
        if token.type == "link_open":
            opened, href = len(parts), str(token.attrs.get("href", ""))
        elif token.type == "link_close":
            label = "".join(parts[opened:])
            target = links.mark(href, label)
            parts[opened:] = [_link(label, href, target)]
        elif token.type in {"softbreak", "hardbreak"}:
            parts.append("\n" if token.type == "hardbreak" else " ")
        else:
            parts.append(token.content)
    return "".join(parts)


def _link(label: str, href: str, target: str) -> str:
    """`label <address>`; an address that is its own label is said once."""
    if label in {href, ""}:
        return target
    return label if href in {f"mailto:{label}", f"tel:{label}"} else f"{label} <{target}>"
