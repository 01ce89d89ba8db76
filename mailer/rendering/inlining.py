"""Styles moved into the elements, where mail readers obey them; the traps of premailer avoided."""

import logging
import re

#: A style tag that begins with this is moved into the elements; all others stay in the head.
INLINE = "/*inline*/"
_KEPT_STYLE = re.compile(r"<style\b(?=[^>]*>)(?![^>]*>\s*" + re.escape(INLINE) + ")")
_IGNORED = ' data-premailer="ignore"'
_STYLE = re.compile(r' style="([^"]*)"')
_PADDING = re.compile(r"(?<=padding:)[^;]+")
_NOTHING = re.compile(r"(?<![\w.])0px")
_BLANKS = re.compile(r"(?<=[;:,]) +")
#: No HTML attributes are made from styles: MJML has written those that Outlook needs.
_ATTRIBUTES = (
    "align", "bgcolor", "background", "border", "cellpadding", "cellspacing", "height", "valign", "width",
)  # fmt: skip
#: Readers recolour a mail that does not say that it has its own dark colours (rules H9).
_SCHEMES = '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'


def inlined(html: str) -> str:
    """The finished HTML, in standards mode."""
    # Imported where it is used: it takes half a second and 10 MB, and a process that only sends needs neither.
    from premailer import Premailer

    # premailer knows the upper-case doctype only: with the other one mail readers fall into quirks mode.
    html = html.replace("<!doctype html>", "<!DOCTYPE html>", 1)
    if "prefers-color-scheme" in html:
        html = html.replace("</head>", f"{_SCHEMES}</head>", 1)
    inliner = Premailer(
        _KEPT_STYLE.sub(f"<style{_IGNORED}", html),
        keep_style_tags=False,
        strip_important=False,
        allow_network=False,
        cache_css_parsing=True,
        disable_basic_attributes=list(_ATTRIBUTES),
        remove_unset_properties=False,
        include_star_selectors=False,
        # Both would take two thirds of the time: no picture floats here, and what CSS means is not asked.
        align_floating_images=False,
        disable_validation=True,
        # MJML's own mso- properties are unknown to the CSS parser: nothing to say about them.
        cssutils_logging_level=logging.CRITICAL,
    )
    return _tightened(str(inliner.transform()).replace(_IGNORED, ""))


def _tightened(html: str) -> str:
    """No blanks and no units of nothing inside style attributes: Gmail cuts a mail at 102 KB (rules H1)."""
    return _STYLE.sub(lambda found: f' style="{_tight(found[1])}"', html)


def _tight(style: str) -> str:
    style = _PADDING.sub(lambda found: _NOTHING.sub("0", found[0]), style)
    return _BLANKS.sub("", style).rstrip(";")
