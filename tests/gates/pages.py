"""The HTML part: H1 to H5 and H10."""

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import urlsplit

from lxml import etree, html

from tests.gates.colours import check_colours
from tests.gates.mail import Mail, is_local

_MOST_BYTES = 102_400
_FORBIDDEN = ("script", "form", "iframe", "object", "embed", "input", "button", "base", "video", "audio")
_VAGUE = {
    *(
        "",
        "ici",
        "cliquez ici",
        "cliquer ici",
        "lire la suite",
        "lire",
        "en savoir plus",
        "suite",
        "lien",
        "plus",
    ),
    *("here", "click here", "read more", "more", "link", "learn more"),
}
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


def check_page(mail: Mail) -> Iterator[str]:
    tree = mail.tree
    if tree is None:
        yield "H1: no HTML part"
        return
    yield from _size(mail)
    for rule in (_language, _tables, _images, _headings, _links):
        yield from rule(tree)
    if " ".join((tree.findtext(".//title") or "").split()) != " ".join(mail.subject.split()):
        yield "H5: <title> is not the subject"
    yield from check_colours(tree)
    yield from _foreign(mail, tree)


def _size(mail: Mail) -> Iterator[str]:
    part = mail.part("text/html")
    encoded = str(part.get_payload()) if part is not None else ""
    if len(mail.html.encode()) >= _MOST_BYTES:
        yield "H1: the HTML is not below 102,400 bytes"
    elif len(encoded) >= _MOST_BYTES:
        yield "H1: the encoded HTML is not below 102,400 bytes"


def _language(tree: html.HtmlElement) -> Iterator[str]:
    body = tree.find("body")
    wrappers = [] if body is None else [child for child in body if child.get("lang") and child.get("dir")]
    if not tree.get("lang") or not tree.get("dir"):
        yield "H2: <html> without lang and dir"
    if not wrappers:
        yield "H2: no wrapper with lang and dir inside <body>"
    elif any(child.get("lang") != tree.get("lang") for child in wrappers):
        yield "H2: the wrapper's lang is not the page's"


def _tables(tree: html.HtmlElement) -> Iterator[str]:
    for table in tree.iter("table"):
        if table.get("role") in {"presentation", "none"}:
            continue
        headers = list(table.iter("th"))
        if not headers or table.find("caption") is None or not all(cell.get("scope") for cell in headers):
            yield "H3: a table that is neither presentation nor data with th, scope and caption"
    for comment in tree.iter(etree.Comment):
        for tag in re.findall(r"<table[^>]*>", comment.text or ""):
            if 'role="presentation"' not in tag and 'role="none"' not in tag:
                yield "H3: a layout table for Outlook without role"


def _images(tree: html.HtmlElement) -> Iterator[str]:
    for image in tree.iter("img"):
        if image.get("alt") is None:
            yield "H4: an image without alt"
        if not re.fullmatch(r"\d+%?", image.get("width") or ""):
            yield "H4: an image without width"


def _headings(tree: html.HtmlElement) -> Iterator[str]:
    levels = [_HEADINGS[element.tag] for element in tree.iter(*_HEADINGS)]
    if levels.count(1) != 1:
        yield f"H5: {levels.count(1)} h1"
    if any(after > before + 1 for before, after in pairwise(levels)):
        yield "H5: a heading level is skipped"


def _links(tree: html.HtmlElement) -> Iterator[str]:
    for link in tree.iter("a"):
        if link.get("href") is None:
            continue
        said = [
            link.text_content(),
            link.get("aria-label") or "",
            *(image.get("alt") or "" for image in link.iter("img")),
        ]
        words = " ".join(" ".join(said).split()).strip(" .…>→").casefold()
        if words in _VAGUE:
            yield f"H5: a link that says only {words!r}"


def _foreign(mail: Mail, tree: html.HtmlElement) -> Iterator[str]:
    """Rules H10 and L12: nothing active, nothing from a host that is not ours."""
    yield from (f"H10: <{element.tag}>" for element in tree.iter(*_FORBIDDEN))
    if tree.xpath("//link[@href]") or "@import" in mail.html:
        yield "H10: external CSS"
    if tree.xpath("//@*[starts-with(name(), 'on')]"):
        yield "H10: an event handler"
    home = urlsplit(mail.unsubscribe_url).netloc
    for source in mail.sources:
        if source.startswith("data:"):
            yield "H10: an embedded image"
        elif urlsplit(source).netloc != home:
            yield f"H10: an image from {urlsplit(source).netloc or 'nowhere'}"
    yield from (fault for url in (*mail.links, *mail.sources) for fault in _scheme(url))


def _scheme(url: str) -> Iterator[str]:
    scheme = urlsplit(url.strip()).scheme
    if scheme == "http" and not is_local(url):
        yield "H10: an http:// address"
    elif scheme not in {"https", "http", "mailto", "tel", "data"} and not url.startswith("#"):
        yield f"H10: an address of scheme {scheme or 'none'}"
