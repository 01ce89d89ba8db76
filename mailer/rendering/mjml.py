"""MJML -> the HTML that mail readers get: component names checked, styles inlined, the known traps avoided."""

import logging
import re
from functools import cache

import premailer
from mjml import mjml2html

from mailer.errors import Problem, WorkspaceError

_NAMES = re.compile(r"<\s*/?\s*(mj[\w:-]*)")
_KNOWN = frozenset(
    [
        "mjml",
        "mj-head",
        "mj-title",
        "mj-preview",
        "mj-attributes",
        "mj-all",
        "mj-class",
        "mj-style",
        "mj-breakpoint",
        "mj-raw",
        "mj-body",
        "mj-wrapper",
        "mj-section",
        "mj-group",
        "mj-column",
        "mj-text",
        "mj-image",
        "mj-button",
        "mj-divider",
        "mj-spacer",
        "mj-table",
    ]
)
#: MJML's own style tags stay in the head; ours with this first word are inlined.
INLINE = "/*inline*/"


#: The end of a row of one plain column, and the start of the next.
_SEAM = re.compile(r'</mj-column>\s*</mj-section>\s*<mj-section mj-class="row">\s*<mj-column>')
_BETWEEN_DECLARATIONS = re.compile(r"(?<=[;:]) +")
_STYLE = re.compile(r' style="([^"]*)"')


def merge_rows(mjml: str) -> str:
    """Neighbouring rows of one plain column become one: each row costs about a kilobyte of tables for Outlook."""
    seams = list(_SEAM.finditer(mjml))
    if not seams:
        return mjml
    # A seam joins two rows only where the row before it is of one plain column too.
    parts, position = [], 0
    for seam in seams:
        before = mjml[position : seam.start()]
        opened = before.rfind("<mj-section")
        plain = opened < 0 or before[opened:].startswith('<mj-section mj-class="row">\n  <mj-column>\n')
        parts.append(before if plain else before + seam[0])
        position = seam.end()
    return "".join(parts) + mjml[position:]


def to_html(mjml: str) -> str:
    """The finished HTML, in standards mode; raises WorkspaceError for a component that MJML does not know.

    mjml-python takes unknown tags silently, and mj-include would read files (security S3): both are refused here.
    """
    strangers = sorted(set(_NAMES.findall(mjml)) - _KNOWN)
    if strangers:
        raise WorkspaceError(
            [
                Problem(
                    code="mjml-component",
                    message="A template uses {name}, which is not an MJML component allowed here.",
                    remedy="Known: {known}.",
                    values={"name": name, "known": " ".join(sorted(_KNOWN))},
                )
                for name in strangers
            ]
        )
    html = mjml2html(mjml, disable_comments=False, fonts={})
    return _inlined(html)


def _inlined(html: str) -> str:
    # premailer knows the upper-case doctype only: with the other one mail readers fall into quirks mode.
    html = html.replace("<!doctype html>", "<!DOCTYPE html>", 1)
    html = re.sub(
        r"<style\b(?=[^>]*>)(?![^>]*>\s*" + re.escape(INLINE) + ")", '<style data-premailer="ignore"', html
    )
    inliner = premailer.Premailer(
        html,
        keep_style_tags=False,
        strip_important=False,
        allow_network=False,
        cache_css_parsing=True,
        disable_basic_attributes=_basic_attributes(),
        remove_unset_properties=False,
        include_star_selectors=False,
        # MJML's own mso- properties are unknown to the CSS parser: nothing to say about them.
        cssutils_logging_level=logging.CRITICAL,
    )
    return _tightened(str(inliner.transform()).replace(' data-premailer="ignore"', ""))


def _tightened(html: str) -> str:
    """No blanks inside style attributes: Gmail cuts a mail at 102 KB (rules H1)."""
    return _STYLE.sub(lambda found: f' style="{_BETWEEN_DECLARATIONS.sub("", found[1])}"', html)


@cache
def _basic_attributes() -> list[str]:
    """No HTML attributes are made from styles: MJML has written those that Outlook needs."""
    return [
        "align",
        "bgcolor",
        "background",
        "border",
        "cellpadding",
        "cellspacing",
        "height",
        "valign",
        "width",
    ]
