"""Preflight: the checks of finished mails, on the copies of several people. Each gives a Problem with its way out."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from lxml import html as lxml_html

from mailer.errors import Problem, Severity
from mailer.model.mail import Content
from mailer.model.workspace import Compiled

MAX_BYTES = 102_400
WARN_BYTES = 90_000
_LEFTOVERS = re.compile(r"\b(TODO|XXX|FIXME)\b|\blorem ipsum\b|\[à compléter\]", re.IGNORECASE)
_VAGUE = {"cliquez ici", "ici", "en savoir plus", "lire la suite", "click here", "here", "read more", "lien"}
#: A high punctuation mark after a plain blank or a letter: French wants a no-break space there.
_TIGHT = re.compile(r"[a-zà-ÿ»)] [?!;:»](?=\s|$)|« ", re.IGNORECASE)

Finding = tuple[str, Severity, str, str, dict[str, object]]
Check = Callable[[Compiled, Content, "lxml_html.HtmlElement"], Iterator[Finding]]


def preflight(compiled: Compiled, contents: Sequence[Content]) -> list[Problem]:
    """What is wrong with these copies; the same problem once, whatever the number of copies that show it."""
    found: dict[tuple[str, str], Problem] = {}
    for content in contents:
        tree = lxml_html.document_fromstring(content.html)
        for check in _CHECKS:
            for code, severity, message, remedy, values in check(compiled, content, tree):
                problem = Problem(code=code, message=message, remedy=remedy, values=values, severity=severity)
                found.setdefault((code, str(problem)), problem)
    return list(found.values())


def _size(_: Compiled, content: Content, __: "lxml_html.HtmlElement") -> Iterator[Finding]:
    size = len(content.html.encode())
    values: dict[str, object] = {"size": size, "limit": MAX_BYTES}
    if size >= MAX_BYTES:
        message = "The mail weighs {size} bytes: Gmail cuts off what goes past {limit}."
        yield (
            "too-large",
            Severity.BLOCKING,
            message,
            "Shorten it, or move an article to the web site.",
            values,
        )
    elif size > WARN_BYTES:
        message = "The mail weighs {size} bytes, close to Gmail's limit of {limit}."
        yield "large", Severity.WARNING, message, "", values


def _images(_: Compiled, __: Content, tree: "lxml_html.HtmlElement") -> Iterator[Finding]:
    for image in tree.iter("img"):
        if image.get("alt") is None:
            message = "An image has no alternative text ({name})."
            name = (image.get("src") or "").rsplit("/", 1)[-1]
            yield "image-alt", Severity.BLOCKING, message, "Describe it in one sentence.", {"name": name}


def _leftovers(_: Compiled, content: Content, tree: "lxml_html.HtmlElement") -> Iterator[Finding]:
    text = content.subject + " " + tree.text_content()
    for left in _LEFTOVERS.finditer(text):
        message = "A note to yourself was left in the text: {text}."
        yield "leftover", Severity.BLOCKING, message, "Finish or remove it.", {"text": left[0]}
    for braces in re.findall(r"\{\{[^}]{0,40}\}\}", text):
        message = "{text} is no known merge field: people will see it as it is."
        remedy = "Known: first_name, last_name, organisation, as in {{ first_name | fallback }}."
        yield "merge-field", Severity.WARNING, message, remedy, {"text": braces}


def _ways_out(_: Compiled, content: Content, tree: "lxml_html.HtmlElement") -> Iterator[Finding]:
    targets = {anchor.get("href") or "" for anchor in tree.iter("a")}
    if not any("/u/" in target for target in targets) or "/u/" not in content.text:
        message = "The mail has no link to unsubscribe."
        yield (
            "no-unsubscribe",
            Severity.BLOCKING,
            message,
            "Put links.unsubscribe into the layout, HTML and text.",
            {},
        )
    if not content.subject.strip():
        yield "no-subject", Severity.BLOCKING, "The subject is empty.", "Write one.", {}
    if not content.text.strip():
        yield "no-text", Severity.BLOCKING, "The text part is empty.", "Mend the layout's .txt.j2.", {}


def _links(compiled: Compiled, _: Content, tree: "lxml_html.HtmlElement") -> Iterator[Finding]:
    own = set(compiled.links)
    for anchor in tree.iter("a"):
        target, label = anchor.get("href") or "", " ".join(anchor.text_content().split())
        if target in own and target.startswith("http://"):
            message = "The link {url} is not encrypted."
            yield "insecure-link", Severity.BLOCKING, message, "Write https://.", {"url": target}
        if not target.startswith(("http://", "https://", "mailto:")):
            message = "The link {url} has no address: it would lead nowhere."
            yield (
                "relative-link",
                Severity.BLOCKING,
                message,
                "Write the whole address, with https://.",
                {"url": target},
            )
        if label.casefold().strip(" .…") in _VAGUE:
            message = "The link “{label}” does not say where it leads."
            yield (
                "vague-link",
                Severity.WARNING,
                message,
                "Name what people will find there.",
                {"label": label},
            )


def _forbidden(_: Compiled, __: Content, tree: "lxml_html.HtmlElement") -> Iterator[Finding]:
    for element in tree.iter("script", "form", "iframe", "link", "object", "embed"):
        message = "Mail readers refuse the element {name}."
        yield (
            "forbidden-element",
            Severity.BLOCKING,
            message,
            "Remove it from the template.",
            {"name": element.tag},
        )


def _headings(_: Compiled, __: Content, tree: "lxml_html.HtmlElement") -> Iterator[Finding]:
    levels = [int(each.tag[1]) for each in tree.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    if levels.count(1) != 1:
        message = "The mail has {count} main titles; screen readers expect one."
        yield "main-title", Severity.BLOCKING, message, "Mend the layout.", {"count": levels.count(1)}
    if any(after - before > 1 for before, after in pairwise(levels)):
        yield (
            "heading-skipped",
            Severity.WARNING,
            "A level of headings is skipped.",
            "Put a section above.",
            {},
        )


def _subject(compiled: Compiled, content: Content, _: "lxml_html.HtmlElement") -> Iterator[Finding]:
    if len(content.subject) > 60:
        values: dict[str, object] = {"length": len(content.subject)}
        message = "The subject has {length} characters; telephones show about 60."
        yield "long-subject", Severity.WARNING, message, "Put what matters first.", values
    if len(compiled.preheader) > 90:
        message = "The preheader has {length} characters; about 90 are shown."
        yield "long-preheader", Severity.WARNING, message, "", {"length": len(compiled.preheader)}
    if compiled.preheader and compiled.preheader == compiled.subject:
        yield (
            "same-preheader",
            Severity.WARNING,
            "The preheader repeats the subject.",
            "Say something else.",
            {},
        )


def _typography(compiled: Compiled, content: Content, _: "lxml_html.HtmlElement") -> Iterator[Finding]:
    found = _TIGHT.search(content.text) if compiled.language == "fr" else None
    if found:
        message = "A no-break space is missing before a punctuation mark: “{text}”."
        yield "typography", Severity.WARNING, message, "", {"text": found[0]}


_CHECKS: tuple[Check, ...] = (
    _size, _images, _leftovers, _ways_out, _links, _forbidden, _headings, _subject, _typography,
)  # fmt: skip
