"""Contrast of the words of a mail with their ground, from the styles in the elements (rules H5, WCAG 2.2 1.4.3)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from mailer.rendering.findings import Finding, Mail, blocking

if TYPE_CHECKING:  # five megabytes that a process which only sends does without
    from lxml.html import HtmlElement

_LOWEST = 4.5
_LOWEST_FOR_LARGE = 3.0
_LARGE_PIXELS = 24.0
_UNSEEN = {"head", "style", "script", "title"}
_COLOUR = re.compile(r"#(?:[0-9a-f]{6}|[0-9a-f]{3})\b", re.IGNORECASE)
_NAMES = {"white": "#ffffff", "black": "#000000"}


@dataclass(frozen=True, slots=True)
class _Look:
    """What an element hands down to its children; colours as #rrggbb."""

    ink: str = "#000000"
    ground: str = "#ffffff"
    pixels: float = 16.0


def check_contrast(mail: Mail) -> Iterator[Finding]:
    """Each pair of colours that is too faint, once, with the first words in it."""
    found: dict[tuple[str, str], str] = {}
    body = mail.tree.find("body")
    for look, words in _written(body, _Look()) if body is not None else ():
        lowest = _LOWEST_FOR_LARGE if look.pixels >= _LARGE_PIXELS else _LOWEST
        if contrast(look.ink, look.ground) < lowest:
            found.setdefault((look.ink, look.ground), words)
    for (ink, ground), words in found.items():
        yield blocking(
            "contrast",
            message="“{text}” is hard to read: {ink} on {ground} has a contrast of {ratio} to 1.",
            remedy="Choose a darker or lighter colour in theme.toml: 4.5 to 1 at least.",
            about=f"{ink} {ground}",
            text=words[:40],
            ink=ink,
            ground=ground,
            ratio=f"{contrast(ink, ground):.1f}",
        )


def contrast(one: str, other: str) -> float:
    """Between two colours written as #rrggbb."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _written(element: "HtmlElement", inherited: _Look) -> Iterator[tuple[_Look, str]]:
    """Every piece of text that is shown, with its look."""
    if not isinstance(element.tag, str) or element.tag in _UNSEEN:
        return
    style = _style(element.get("style") or "")
    if style.get("display") == "none":
        return
    look = _look(style, element.get("bgcolor") or "", inherited)
    texts = [element.text, *(child.tail for child in element)]
    if words := " ".join(" ".join(filter(None, texts)).split()):
        yield look, words
    for child in element:
        yield from _written(child, look)


def _look(style: dict[str, str], bgcolor: str, inherited: _Look) -> _Look:
    pixels = re.match(r"([\d.]+)px", style.get("font-size", ""))
    return replace(
        inherited,
        ink=_colour(style.get("color", "")) or inherited.ink,
        ground=_colour(style.get("background-color") or style.get("background") or bgcolor)
        or inherited.ground,
        pixels=float(pixels[1]) if pixels else inherited.pixels,
    )


@lru_cache(maxsize=1024)
def _colour(written: str) -> str:
    """The first colour of a value as #rrggbb, or "" where it names none."""
    found = _COLOUR.search(_NAMES.get(written.strip().lower(), written))
    if not found:
        return ""
    digits = found[0][1:].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def _style(written: str) -> dict[str, str]:
    pairs = (declaration.partition(":") for declaration in written.lower().split(";"))
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
