"""What some mail programs do not understand, held against what the shipped layouts use anyway (rules H11).

No mail can do without every such feature: MJML's plain output alone uses some, each with a harmless loss. So only what
comes on top is said. The table is an extract of caniemail.com; see its head.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mailer.rendering.findings import Finding, Mail, warning

if TYPE_CHECKING:  # five megabytes that a process which only sends does without
    from lxml.html import HtmlElement

_TABLE = Path(__file__).with_name("client_support.toml")
_FUNCTION = re.compile(r"\b(var|calc|clamp|min|max|linear-gradient|radial-gradient|conic-gradient)\(")
#: Functions whose feature has another name than theirs.
_FUNCTIONS = {
    "var": "css-variables",
    "calc": "css-unit-calc",
    "clamp": "css-function-clamp",
    "min": "css-function-min",
    "max": "css-function-max",
}
_CLIENTS = {
    "gmail": "Gmail",
    "outlook": "Outlook (Windows)",
    "apple-mail": "Apple Mail",
    "orange": "Orange",
    "laposte": "La Poste",
    "free": "Free",
    "sfr": "SFR",
    "yahoo": "Yahoo",
}


def check_support(mail: Mail) -> Iterator[Finding]:
    """Each feature beyond the shipped ones that a large mail program lacks."""
    missing, harmless = _support()
    for feature in sorted(set(_features(mail)) - harmless):
        if feature in missing:
            yield warning(
                "client-support",
                message="{feature} is not understood by {clients}.",
                remedy="The mail must be readable without it: look at the text and at another program.",
                about=feature,
                feature=feature.partition("-")[2],
                clients=", ".join(_CLIENTS[each] for each in missing[feature]),
            )


def used_features(tree: "HtmlElement") -> set[str]:
    """The features of a mail by their names in the table; rules inside a style element are extras by nature."""
    found: set[str] = set()
    for element in tree.iter():
        if isinstance(element.tag, str):
            found.add(f"html-{element.tag}")
            found.update(_of_style(element.get("style") or ""))
    return found


def _features(mail: Mail) -> Iterator[str]:
    yield from used_features(mail.tree)
    for image in mail.tree.iter("img"):
        yield f"image-{(image.get('src') or '').rpartition('.')[2].lower()}"


def _of_style(style: str) -> Iterator[str]:
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        yield f"css-{name.strip().lower()}"
        if name.strip() == "display":
            yield f"css-display-{value.strip().lower().removeprefix('inline-')}"
    for function in _FUNCTION.findall(style):
        yield _FUNCTIONS.get(function, f"css-{function}")


@cache
def _support() -> tuple[Mapping[str, tuple[str, ...]], frozenset[str]]:
    data = tomllib.loads(_TABLE.read_text("utf-8"))
    return {name: tuple(clients) for name, clients in data["missing"].items()}, frozenset(data["harmless"])
