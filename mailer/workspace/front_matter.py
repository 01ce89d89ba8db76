"""The `key: value` lines between `---` at the head of an issue: a small, strict subset of YAML.

A value is a quoted string, or a bare word or sentence; a bare date, hour, number or true/false is read as one
when it would be written the same way again (so `007` stays a string). Lists, mappings, anchors and block
scalars are refused. Reading keeps every line as it stands, so that writing can give it back.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite

from mailer.errors import Problem

Value = str | bool | int | float | date | datetime

KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_LINE = re.compile(rf"(?P<before>[ \t]*(?P<key>{KEY.pattern})[ \t]*:(?:[ \t]+|$))(?P<rest>.*)")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"')
_SINGLE = re.compile(r"'((?:[^']|'')*)'")
_BARE = re.compile(r"(?:[^ \t]|[ \t]+(?![# \t]|$))*")
_AFTER = re.compile(r"[ \t]*(?:(?<=[ \t])#.*)?")
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"\\": "\\", '"': '"', "n": "\n", "t": "\t"}
#: First characters that mean something else in YAML.
_REFUSED = tuple("[]{}&*!|>%@`,")


@dataclass(frozen=True, slots=True)
class FrontLine:
    """One line with its line break. `before + written value + after` is `raw`; `key` is None for a comment."""

    raw: str
    key: str | None = None
    value: Value = ""
    #: The value as its author wrote it, without quotes: what a text key takes, even where it looks like a date.
    text: str = ""
    before: str = ""
    after: str = ""
    line: int = 0


def read_line(raw: str, content: str, line: int) -> tuple[FrontLine, list[Problem]]:
    """Read one line; `content` is `raw` without its line break."""
    if not content.strip(" \t") or content.lstrip(" \t").startswith("#"):
        return FrontLine(raw=raw, line=line), []
    match = _LINE.fullmatch(content)
    if match is None:
        return FrontLine(raw=raw, line=line), [_not_a_pair(content, line)]
    return _read_value(raw, content, line, match)


def _read_value(raw: str, content: str, line: int, match: re.Match[str]) -> tuple[FrontLine, list[Problem]]:
    key, rest = match["key"], match["rest"]
    start = len(match["before"])
    if rest.startswith("#"):
        rest = ""
    pattern = {'"': _DOUBLE, "'": _SINGLE}.get(rest[:1], _BARE)
    found = pattern.match(rest)
    end = start + (found.end() if found else 0)
    if found is None or not _is_after(content, end) or rest.startswith(_REFUSED):
        return FrontLine(raw=raw, line=line), [_bad_value(key, line)]
    problems: list[Problem] = []
    if pattern is _DOUBLE:
        text, problems = unescape(found[1], line)
        value: Value = text
    elif pattern is _SINGLE:
        text = value = found[1].replace("''", "'")
    else:
        text, value = found[0], _bare_value(found[0])
    return (
        FrontLine(
            raw=raw, key=key, value=value, text=text, before=content[:start], after=raw[end:], line=line
        ),
        problems,
    )


def _is_after(content: str, end: int) -> bool:
    """Whether only blanks or a comment follow the value."""
    return _AFTER.fullmatch(content, end) is not None


def _bare_value(text: str) -> Value:
    """The date, local hour, number or flag that `text` spells in its one canonical way, else `text` itself."""
    if text in {"true", "false"}:
        return text == "true"
    for read in (int, float, date.fromisoformat, datetime.fromisoformat):
        try:
            value: Value = read(text)
        except ValueError:
            continue
        if write_value(value) == text and getattr(value, "tzinfo", None) is None:
            return value
    return text


def write_value(value: object) -> str:
    """A value as it stands after the colon; strings are always quoted."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        is_round = not value.second and not value.microsecond
        return value.isoformat(" ", "minutes" if is_round else "auto")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
        return repr(value)
    return quote(str(value))


def quote(text: str) -> str:
    """A string in double quotes on one line; `unescape` reverses it."""
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t")):
        text = text.replace(plain, escaped)
    return f'"{text}"'


def unescape(text: str, line: int) -> tuple[str, list[Problem]]:
    r"""What stands between double quotes, with `\\`, `\"`, `\n` and `\t` resolved; other escapes are problems."""
    unknown = [found[0] for found in _ESCAPE.finditer(text) if found[1] not in _ESCAPES]
    problems = [
        Problem(
            code="bad-escape",
            message="{escape} has no meaning between quotes.",
            remedy='Write \\\\ for a backslash, \\" for a quotation mark, \\n for a new line, \\t for a tab.',
            values={"escape": escape},
            line=line,
        )
        for escape in unknown
    ]
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[0]), text), problems


def duplicates(lines: tuple[FrontLine, ...]) -> list[Problem]:
    """A problem for each key that was given before."""
    first: dict[str, int] = {}
    problems = []
    for found in lines:
        if found.key is None:
            continue
        if found.key in first:
            problems.append(_duplicate(found.key, first[found.key], found.line))
        first.setdefault(found.key, found.line)
    return problems


def rewrite(
    lines: tuple[FrontLine, ...], old: Mapping[str, object], new: Mapping[str, object], *, end: str = "\n"
) -> str:
    """The lines with the values of `new`; a line whose value did not change stays as it is.

    A changed value keeps the comment behind it; a key that `new` lacks goes; a new key stands at the end.
    """
    written = []
    for found in lines:
        if found.key is None or (found.key in new and _is_same(new[found.key], old.get(found.key))):
            written.append(found.raw)
        elif found.key in new:
            space = "" if found.before.endswith((" ", "\t")) else " "
            gap = " " if found.after.startswith("#") else ""
            written.append(f"{found.before}{space}{write_value(new[found.key])}{gap}{found.after}")
    known = {found.key for found in lines}
    written += [f"{key}: {write_value(value)}{end}" for key, value in new.items() if key not in known]
    return "".join(written)


def _is_same(one: object, other: object) -> bool:
    """Equal and of one type: 1, 1.0 and true are three values."""
    return type(one) is type(other) and one == other


def _not_a_pair(content: str, line: int) -> Problem:
    return Problem(
        code="front-matter-line",
        message="“{text}” is not a line of the form key: value.",
        remedy="Write one key per line between the two ---, for instance number: 47.",
        values={"text": content.strip()[:60]},
        line=line,
    )


def _bad_value(key: str, line: int) -> Problem:
    return Problem(
        code="front-matter-value",
        message="The value of {key} cannot be read.",
        remedy='Put text between quotation marks, with \\" for a quotation mark inside; lists are not possible.',
        values={"key": key},
        line=line,
        field=key,
    )


def _duplicate(key: str, first: int, line: int) -> Problem:
    return Problem(
        code="duplicate-key",
        message="{key} is given twice; the first time in line {first}.",
        remedy="Keep one of the two lines.",
        values={"key": key, "first": first},
        line=line,
        field=key,
    )
