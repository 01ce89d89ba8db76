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
    return str(inliner.transform()).replace(' data-premailer="ignore"', "")


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
