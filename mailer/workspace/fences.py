r"""The lines that frame a block: `::: kind {key="value" …}`, `:::`, and the escape `\:::` inside a body."""

import re
from collections.abc import Mapping

from mailer.errors import Problem
from mailer.workspace.front_matter import quote, unescape

MARK = ":::"
KIND = re.compile(r"[a-z][a-z0-9_-]*")
ATTRIBUTE = re.compile(r"[a-z_][a-z0-9_-]*")
#: What word processors make of a quotation mark, and the single one: read as a part of the value, they would be shown.
_OTHER_QUOTES = "'‘’“”„«‹"
_OPEN = re.compile(rf":::[ \t]*(?P<kind>{KIND.pattern})[ \t]*(?P<attributes>\{{.*\}})?[ \t]*")
_PAIR = re.compile(
    rf"[ \t]*(?P<name>{ATTRIBUTE.pattern})="
    rf'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>(?![{_OTHER_QUOTES}])[^ \t"{{}}]+))'
)
_ESCAPED = re.compile(r"\\+:::")
_TO_ESCAPE = re.compile(r"\\*:::")


def is_close(content: str) -> bool:
    return content.rstrip(" \t") == MARK


def read_fence(content: str, line: int) -> tuple[str, dict[str, str], list[Problem]]:
    """The kind and the attributes of an opening fence; an unreadable fence has the kind ""."""
    match = _OPEN.fullmatch(content)
    if match is None:
        return "", {}, [_bad_fence(content, line)]
    attributes, problems = _read_attributes((match["attributes"] or "{}")[1:-1], line)
    return match["kind"], attributes, problems


def _read_attributes(text: str, line: int) -> tuple[dict[str, str], list[Problem]]:
    attributes: dict[str, str] = {}
    problems: list[Problem] = []
    position = 0
    while text[position:].strip(" \t"):
        match = _PAIR.match(text, position)
        if match is None or (position and text[position] not in " \t"):
            return attributes, [*problems, _bad_attributes(text[position:], line)]
        name = match["name"]
        value, wrong = unescape(match["quoted"], line) if match["bare"] is None else (match["bare"], [])
        problems += wrong
        if name in attributes:
            problems.append(_duplicate(name, line))
        attributes.setdefault(name, value)
        position = match.end()
    return attributes, problems


def write_fence(kind: str, attributes: Mapping[str, str]) -> str:
    """The opening fence without its line break; attributes keep their order."""
    pairs = " ".join(f"{name}={quote(value)}" for name, value in attributes.items())
    return f"{MARK} {kind} {{{pairs}}}" if pairs else f"{MARK} {kind}"


def read_body_line(content: str) -> str:
    r"""A line of a body without the backslash that protects a `:::` at its start."""
    return content[1:] if _ESCAPED.match(content) else content


def write_body_line(content: str) -> str:
    """The exact inverse of `read_body_line`."""
    return "\\" + content if _TO_ESCAPE.match(content) else content


def _bad_fence(content: str, line: int) -> Problem:
    return Problem(
        code="bad-fence",
        message="“{text}” does not open a block.",
        remedy='Write ::: and a kind, with its attributes in braces, for instance ::: button {link="https://…"}.',
        values={"text": content.strip()[:60]},
        line=line,
    )


def _bad_attributes(text: str, line: int) -> Problem:
    return Problem(
        code="bad-attribute",
        message="The attributes cannot be read from “{text}” on.",
        remedy='Write name="value" with straight quotation marks, blanks between the pairs, and \\" for one inside.',
        values={"text": text.strip()[:40]},
        line=line,
    )


def _duplicate(name: str, line: int) -> Problem:
    return Problem(
        code="duplicate-attribute",
        message="The attribute {name} is given twice.",
        remedy="Keep one of the two.",
        values={"name": name},
        line=line,
    )
