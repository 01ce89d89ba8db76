"""Readable for eyes (rules H5): size of text, contrast, underlined links, from the inline styles."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from lxml import html

_SKIPPED = {"head", "style", "script", "title"}
_FEWEST_PIXELS = 14
_LARGE, _LARGE_BOLD = 24.0, 18.66
_NAMED = {"white": "#ffffff", "black": "#000000"}
_HEADING_SIZES = {"h1": 32.0, "h2": 24.0, "h3": 18.7}

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Look:
    """What an element inherits."""

    colour: Colour = (0.0, 0.0, 0.0)
    background: Colour = (1.0, 1.0, 1.0)
    pixels: float = 16.0
    bold: bool = False
    #: A link that is drawn as a button need not be underlined.
    boxed: bool = False
    underlined: bool = False


def check_colours(tree: html.HtmlElement) -> Iterator[str]:
    body = tree.find("body")
    if body is not None:
        yield from sorted(set(_walk(body, Look())))


def _walk(element: html.HtmlElement, inherited: Look) -> Iterator[str]:
    if not isinstance(element.tag, str) or element.tag in _SKIPPED:
        return
    is_link = element.tag == "a" and bool(element.get("href"))
    look = _look(element.tag, element.get("style") or "", element.get("bgcolor") or "", is_link, inherited)
    if look is None:
        return
    has_text = bool((element.text or "").strip()) or any((child.tail or "").strip() for child in element)
    if has_text:
        yield from _judge(look, is_link)
    for child in element:
        yield from _walk(child, look)


@lru_cache(maxsize=4096)
def _look(tag: str, written: str, bgcolor: str, is_link: bool, inherited: Look) -> Look | None:
    """What the element and its children look like; None if they are hidden."""
    style = _style(written)
    if style.get("display") == "none" or style.get("visibility") == "hidden":
        return None
    look = inherited
    background = style.get("background-color") or style.get("background") or bgcolor
    if background and (found := _colour(background)):
        look = replace(look, background=found, boxed=tag in {"a", "td"})
    if found := _colour(style.get("color", "")):
        look = replace(look, colour=found)
    elif is_link:
        look = replace(look, colour=(0.0, 0.0, 0.93))
    pixels = re.match(r"([\d.]+)px", style.get("font-size", ""))
    size = float(pixels[1]) if pixels else _HEADING_SIZES.get(tag, look.pixels)
    decoration = style.get("text-decoration", style.get("text-decoration-line", ""))
    underlined = "underline" in decoration or (is_link and "none" not in decoration)
    return replace(
        look,
        pixels=size,
        bold=_is_bold(tag, style.get("font-weight", ""), look.bold),
        underlined=underlined or look.underlined,
    )


def _is_bold(tag: str, weight: str, inherited: bool) -> bool:
    if weight:
        return weight in {"bold", "bolder", "600", "700", "800", "900"}
    return inherited or tag in {"b", "strong", *_HEADING_SIZES}


@lru_cache(maxsize=4096)
def _judge(look: Look, is_link: bool) -> tuple[str, ...]:
    faults = []
    if 0 < look.pixels < _FEWEST_PIXELS:
        faults.append(f"H5: text of {look.pixels:g} pixels")
    large = look.pixels >= _LARGE or (look.bold and look.pixels >= _LARGE_BOLD)
    ratio = contrast(look.colour, look.background)
    if ratio < (3.0 if large else 4.5):
        faults.append(f"H5: contrast of {ratio:.2f}")
    if is_link and not (look.underlined or look.boxed):
        faults.append("H5: a link that is not underlined")
    return tuple(faults)


def contrast(one: Colour, other: Colour) -> float:
    """WCAG 2.2, relative luminance."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@lru_cache(maxsize=4096)
def _style(text: str) -> dict[str, str]:
    pairs = (declaration.partition(":") for declaration in text.lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, colon, value in pairs if colon}


@lru_cache(maxsize=1024)
def _colour(text: str) -> Colour | None:
    text = text.strip()
    text = _NAMED.get(text, text)
    if found := re.match(r"#([0-9a-f]{6})\b", text, re.IGNORECASE):
        digits = found[1]
    elif found := re.match(r"#([0-9a-f]{3})\b", text, re.IGNORECASE):
        digits = "".join(digit * 2 for digit in found[1])
    elif found := re.match(r"rgb\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)", text):
        return tuple(min(int(part), 255) / 255 for part in found.groups())  # type: ignore[return-value]
    else:
        return None
    return tuple(int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4))  # type: ignore[return-value]
