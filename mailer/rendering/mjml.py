"""MJML -> HTML, with what mjml-python leaves unchecked: names, nesting, and the characters of attributes."""

import re
import unicodedata
from collections.abc import Iterator

from mjml import mjml2html

from mailer.errors import Problem, WorkspaceError

_HEAD = {"mj-title", "mj-attributes", "mj-style", "mj-breakpoint"}
_CONTENT = {"mj-text", "mj-image", "mj-button", "mj-divider", "mj-spacer", "mj-table"}
#: What may stand in what. Not here: mj-include, which reads files, and mj-raw, which takes anything (security S3);
#: mj-preview, whose white letters on white count as a trick (rules H7).
_INSIDE = {
    "": {"mjml"},
    "mjml": {"mj-head", "mj-body"},
    "mj-head": _HEAD,
    "mj-attributes": {"mj-all", "mj-class", "mj-wrapper", "mj-section", "mj-group", "mj-column", *_CONTENT},
    "mj-body": {"mj-wrapper", "mj-section"},
    "mj-wrapper": {"mj-section"},
    "mj-section": {"mj-group", "mj-column"},
    "mj-group": {"mj-column"},
    "mj-column": _CONTENT,
}
_KNOWN = frozenset().union(*_INSIDE.values())
_TAG = re.compile(r"<\s*(/?)\s*(mj[\w:-]*)((?:[^>\"]|\"[^\"]*\")*)>", re.IGNORECASE)
_STRANGE = re.compile(r"<\s*/?\s*(mj[\w:-]*)", re.IGNORECASE)
#: Of a box that others are measured by.
_BOX = re.compile(r"mj-(?:all|class|body|wrapper|section|group|column|image|divider)")
_SPACES = re.compile(r'(\bpadding(?:-\w+)?=")([^"]*)"')
_BARE_ZERO = re.compile(r"(?<![\w.])0(?![\w.%])")
_ATTRIBUTE = re.compile(r'"([^"]*)"')
_TITLE = re.compile(r"(<mj-title>)(.*?)(</mj-title>)", re.DOTALL)
#: A row of one plain column, and the end of such a row before the start of the next.
_PLAIN_ROW = re.compile(r'<mj-section mj-class="row">\s*<mj-column>')
_SEAM = re.compile(r'</mj-column>\s*</mj-section>\s*<mj-section mj-class="row">\s*<mj-column>')


def to_html(mjml: str) -> str:
    """The HTML as MJML writes it; raises WorkspaceError for a component that is unknown or stands where it may not."""
    try:
        return str(mjml2html(checked(mjml), disable_comments=False, fonts={}))
    except ValueError as error:
        raise WorkspaceError([_unreadable(str(error))]) from None


def checked(mjml: str) -> str:
    """The MJML as a compiler may read it: names and nesting are right, neighbouring rows are one."""
    problems = [*_unknown(mjml), *_misplaced(mjml)]
    if problems:
        raise WorkspaceError(problems)
    return _spelt(_merged(mjml))


def _unknown(mjml: str) -> Iterator[Problem]:
    for name in dict.fromkeys(found.lower() for found in _STRANGE.findall(mjml)):
        if name not in _KNOWN:
            yield Problem(
                code="mjml-component",
                message="A template uses {name}, which is not an MJML component allowed here.",
                remedy="Allowed: {known}.",
                values={"name": name, "known": " ".join(sorted(_KNOWN))},
            )


def _misplaced(mjml: str) -> Iterator[Problem]:
    opened = [""]
    for closing, name, rest in _TAG.findall(mjml):
        if closing:
            if opened[-1] != name:
                yield _nesting(name, opened[-1])
                return
            opened.pop()
            continue
        if name in _KNOWN and name not in _INSIDE.get(opened[-1], set()):
            yield _nesting(name, opened[-1])
        if not rest.endswith("/"):
            opened.append(name)
    if len(opened) > 1:
        yield _nesting(opened[-1], opened[-2])


def _nesting(name: str, outer: str) -> Problem:
    return Problem(
        code="mjml-nesting",
        message="A template puts {name} into {outer}, where MJML does not take it, or leaves it open.",
        remedy="The order is mj-section, mj-column, then content such as mj-text.",
        values={"name": name, "outer": outer or "mjml"},
    )


def _unreadable(reason: str) -> Problem:
    return Problem(
        code="mjml",
        message="A template gives MJML that cannot be read: {reason}.",
        remedy="Look for a tag left open, or for an odd character in the text.",
        values={"reason": reason},
    )


def _merged(mjml: str) -> str:
    """Neighbouring rows of one plain column become one: each row costs about a kilobyte of tables for Outlook."""
    parts, position = [], 0
    for seam in _SEAM.finditer(mjml):
        before = mjml[position : seam.start()]
        opened = before.rfind("<mj-section")
        # Between two seams there is only the inside of a plain row.
        is_plain = opened < 0 or bool(_PLAIN_ROW.match(before, opened))
        parts.append(before if is_plain else before + seam[0])
        position = seam.end()
    return "".join(parts) + mjml[position:]


def _spelt(mjml: str) -> str:
    r"""The MJML as mjml-python reads it right.

    It writes attributes as Rust shows strings: a no-break space in an alternative text would come out as `\u{a0}`.
    Spelt as numbers such characters pass; the title becomes an attribute of the wrapper. And it takes `padding="0
    20px"` for no padding at all, when it works out the widths that Outlook needs, unless the zero has its unit.
    """
    mjml = _TITLE.sub(lambda found: found[1] + _numbered(found[2]) + found[3], mjml)
    return _TAG.sub(_spelt_tag, mjml)


def _spelt_tag(tag: re.Match[str]) -> str:
    text = _ATTRIBUTE.sub(lambda found: f'"{_numbered(found[1])}"', tag[0])
    if not _BOX.fullmatch(tag[2]):
        return text
    return _SPACES.sub(lambda found: found[1] + _BARE_ZERO.sub("0px", found[2]) + '"', text)


def _numbered(text: str) -> str:
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return "".join(
        character
        if character.isprintable()
        and character != "\\"
        and not unicodedata.category(character).startswith("M")
        else f"&#{ord(character)};"
        for character in text
    )
