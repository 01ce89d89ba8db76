"""Checks of the mail as a machine sees it: size, headers, structure, images, links."""

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import urlsplit

from mailer.errors import InputError
from mailer.rendering import mime
from mailer.rendering.findings import Check, Finding, Mail, blocking, warning
from mailer.rendering.headers import unstructured
from mailer.rendering.slots import SlotKind, cut

MAX_BYTES = 102_400
WARN_BYTES = 90_000
_MAX_SUBJECT = 60
_VAGUE = {
    *(
        "",
        "cliquez ici",
        "cliquer ici",
        "ici",
        "en savoir plus",
        "lire la suite",
        "lire",
        "lien",
        "suite",
        "plus",
    ),
    *("click here", "here", "read more", "more", "learn more", "link"),
}
_FORBIDDEN = ("script", "form", "input", "iframe", "object", "embed", "link", "base", "video", "audio")
_REMOTE_STYLE = re.compile(r"@import|@font-face|url\(", re.IGNORECASE)
_SCHEMES = {"http", "https", "mailto", "tel"}
#: A larger image keeps people on the road waiting.
_PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".webp"}
_HEAVY_BYTES = 200 * 1024
#: Services that hide where a link leads; filters distrust them.
_SHORTENERS = {
    *(
        "bit.ly",
        "buff.ly",
        "cutt.ly",
        "goo.gl",
        "is.gd",
        "lnkd.in",
        "ow.ly",
        "rb.gy",
        "shorturl.at",
        "t.co",
        "t.ly",
    ),
    *("tiny.cc", "tinyurl.com", "urlr.me", "urlz.fr", "v.gd"),
}


def _size(mail: Mail) -> Iterator[Finding]:
    """Some readers count the HTML, some its encoded form (rules H1): the larger decides."""
    size = len(mime.encode(mail.content.html))
    if size >= MAX_BYTES:
        yield blocking(
            "too-large",
            message="The mail weighs {size} bytes: Gmail cuts off what goes past {limit}.",
            remedy="Shorten it, or move an article to the web site.",
            size=size,
            limit=MAX_BYTES,
        )
    elif size > WARN_BYTES:
        message = "The mail weighs {size} bytes, close to Gmail's limit of {limit}."
        yield warning("large", message=message, size=size, limit=MAX_BYTES)


def _subject(mail: Mail) -> Iterator[Finding]:
    subject = mail.content.subject
    if not subject.strip():
        yield blocking("no-subject", message="The subject is empty.", remedy="Write one.", front="subject")
    elif len(subject) > _MAX_SUBJECT:
        yield warning(
            "long-subject",
            message="The subject has {length} characters; telephones show about 60.",
            remedy="Put what matters first.",
            front="subject",
            length=len(subject),
        )
    try:
        unstructured("Subject", subject)
    except InputError as error:
        yield Finding("header", message=error.text, remedy="", values=error.values, front="subject")


def _parts(mail: Mail) -> Iterator[Finding]:
    if not mail.content.text.strip():
        yield blocking("no-text", message="The text part is empty.", remedy="Mend the layout's .txt.j2.")
    for kind, code in ((SlotKind.UNSUBSCRIBE, "no-unsubscribe"), (SlotKind.PREFERENCES, "no-preferences")):
        if not all(
            any(piece == (kind, "") for piece in cut(part))
            for part in (mail.compiled.html, mail.compiled.text)
        ):
            yield blocking(
                code,
                message="The layout does not show links.{name} in both its forms.",
                remedy="Put it into the .mjml.j2 and the .txt.j2.",
                name=kind.value,
            )


def _identity(mail: Mail) -> Iterator[Finding]:
    """Who writes, and where they are, stands in both forms of every mail (rules L4)."""
    parts = (_squeezed(mail.tree.text_content()), _squeezed(mail.content.text))
    for text in mail.identity:
        if not all(_squeezed(text) in part for part in parts):
            yield blocking(
                "no-sender",
                message="The mail does not say who writes: “{text}” is not in it.",
                remedy="Put network.name and network.postal_address into the layout's .mjml.j2 and .txt.j2.",
                text=text,
            )


def _squeezed(text: str) -> str:
    """Without any white space: the text part is wrapped."""
    return "".join(text.split())


def _images(mail: Mail) -> Iterator[Finding]:
    for image in mail.tree.iter("img"):
        source = image.get("src") or ""
        name = source.rsplit("/", 1)[-1]
        if image.get("alt") is None:
            yield blocking(
                "image-alt",
                message="An image has no alternative text ({name}).",
                remedy="Describe it in one sentence.",
                about=_file_name(mail, name),
                name=_file_name(mail, name) or name,
            )
        if name not in mail.compiled.media:
            yield warning(
                "foreign-image",
                message="The image {url} comes from elsewhere: that server learns who reads.",
                remedy="Put the image into the campaign's folder.",
                about=source,
                url=source,
            )


def _weights(mail: Mail) -> Iterator[Finding]:
    for path in mail.compiled.media.values():
        if path.suffix.lower() in _PICTURES and path.is_file() and path.stat().st_size > _HEAVY_BYTES:
            yield warning(
                "heavy-image",
                message="The image {name} weighs {size} KB; more than 200 is slow on a telephone.",
                remedy="Save it smaller: 1,200 pixels wide are enough.",
                about=path.name,
                name=path.name,
                size=path.stat().st_size // 1024,
            )


def _file_name(mail: Mail, served: str) -> str:
    path = mail.compiled.media.get(served)
    return path.name if path else ""


def _links(mail: Mail) -> Iterator[Finding]:
    for anchor in mail.tree.iter("a"):
        target, label = anchor.get("href") or "", " ".join(anchor.text_content().split())
        yield from _target(mail, target)
        label = label or " ".join(image.get("alt") or "" for image in anchor.iter("img")).strip()
        if label.casefold().strip(" .…>→") in _VAGUE:
            yield warning(
                "vague-link",
                message="The link “{label}” does not say where it leads.",
                remedy="Name what people will find there.",
                about=label or target,
                label=label,
            )


def _target(mail: Mail, target: str) -> Iterator[Finding]:
    parts = urlsplit(target)
    if parts.scheme not in _SCHEMES or (parts.scheme.startswith("http") and not parts.hostname):
        yield blocking(
            "relative-link",
            message="The link {url} has no address: it would lead nowhere.",
            remedy="Write the whole address, with https://.",
            about=target,
            url=target,
        )
    elif parts.scheme == "http" and target in mail.compiled.links:
        message, remedy = "The link {url} is not encrypted.", "Write https://."
        yield blocking("insecure-link", message=message, remedy=remedy, about=target, url=target)
    if (parts.hostname or "").removeprefix("www.") in _SHORTENERS:
        message, remedy = (
            "The link {url} is shortened: nobody sees where it leads.",
            "Write the whole address.",
        )
        yield warning("shortened-link", message=message, remedy=remedy, about=target, url=target)


def _forbidden(mail: Mail) -> Iterator[Finding]:
    for element in mail.tree.iter(*_FORBIDDEN):
        message, remedy = "Mail readers refuse the element {name}.", "Remove it from the template."
        yield blocking("forbidden-element", message=message, remedy=remedy, name=element.tag)
    for style in mail.tree.iter("style"):
        if found := _REMOTE_STYLE.search(style.text_content()):
            yield blocking(
                "remote-style",
                message="A style fetches something from elsewhere ({name}).",
                remedy="Use fonts that people have, and images in the content.",
                name=found[0],
            )


def _headings(mail: Mail) -> Iterator[Finding]:
    levels = [int(each.tag[1]) for each in mail.tree.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    if levels.count(1) != 1:
        yield blocking(
            "main-title",
            message="The mail has {count} main titles; screen readers expect one.",
            remedy="Mend the layout.",
            count=levels.count(1),
        )
    if any(after - before > 1 for before, after in pairwise(levels)):
        message, remedy = "A level of headings is skipped.", "Put a section above."
        yield warning("heading-skipped", message=message, remedy=remedy)


#: What differs from copy to copy.
OF_COPY: tuple[Check, ...] = (_size, _subject)
#: What is the same in all copies.
OF_ISSUE: tuple[Check, ...] = (_parts, _identity, _images, _weights, _links, _forbidden, _headings)
