"""A Segment written to the text of its file: the exact inverse of `audiences`.

Written over its file, a segment keeps each `[[where]]` and `[[except]]` that did not change as it stands, with its
comments; `lost_comments` says which ones a change would take along.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from mailer.errors import WorkspaceError
from mailer.model.segment import Condition, Group, Junction, Scalar, Segment
from mailer.model.segment_grammar import parse_segment
from mailer.workspace.toml_comments import comments

_RULE = re.compile(r"^[ \t]*\[\[[ \t]*(where|except)[ \t]*\]\]", re.MULTILINE)
_SIDES = {"where": Junction.ALL, "except": Junction.NONE}
_WIDTH = 100
_BARE_DELETE = "\x7f"


@dataclass(frozen=True, slots=True)
class _Piece:
    """One `[[where]]` or `[[except]]` as it stands: the comments above it belong to it."""

    side: str
    text: str
    member: Condition | Group


def write_segment(segment: Segment, *, original: str | None = None) -> str:
    """The text of the segment's file; reading it gives the same segment again.

    Raises WorkspaceError where the original has mistakes: its author mends it first.
    """
    if original is None:
        return _anew(segment, "")
    plain = original.removeprefix("\ufeff").replace("\r\n", "\n")
    before, problems = _read(plain, segment)
    if problems:
        raise WorkspaceError(problems)
    if before == segment:
        return original
    written = _over(segment, before, plain)
    end = "\r\n" if "\r\n" in original else "\n"
    return ("\ufeff" if original.startswith("\ufeff") else "") + written.replace("\n", end)


def lost_comments(original: str, written: str) -> list[str]:
    """The comments of the one text that the other no longer has, in their order."""
    kept = Counter(comments(written.replace("\r\n", "\n")))
    lost = []
    for comment in comments(original.replace("\r\n", "\n")):
        if kept[comment]:
            kept[comment] -= 1
        else:
            lost.append(comment)
    return lost


def _read(text: str, like: Segment) -> tuple[Segment, list[Any]]:
    segment, problems = parse_segment(tomllib.loads(text), slug=like.slug, path=like.path)
    return segment, list(problems)


def _over(segment: Segment, before: Segment, plain: str) -> str:
    head, pieces = _cut(plain, segment)
    rules = [_rule("where", each, pieces) for each in segment.where.members]
    rules += [_rule("except", each, pieces) for each in segment.excepted.members]
    if _head(segment) != _head(before):
        head = _comments_alone(head) + _head(segment)
    written = _joined(head, rules)
    # What stands in an unusual form (a rule inside one line, a table in an odd place) is written anew as a whole.
    return written if _reads_as(written, segment) else _anew(segment, _comments_alone(_top(plain)))


def _reads_as(text: str, segment: Segment) -> bool:
    try:
        found, problems = _read(text, segment)
    except tomllib.TOMLDecodeError:
        return False
    return not problems and found == segment


def _cut(plain: str, segment: Segment) -> tuple[str, list[_Piece]]:
    """What stands before the first rule, and the rules; comments directly above a rule go with it."""
    starts = [_with_comments_above(plain, found.start()) for found in _RULE.finditer(plain)]
    pieces = []
    for start, end in pairwise([*starts, len(plain)]):
        pieces += _piece(plain[start:end], segment.path)
    return (plain[: starts[0]] if starts else plain), pieces


def _piece(text: str, path: Path) -> list[_Piece]:
    """The rule of a piece, none where it does not stand for itself."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return []
    side = next(iter(data), "")
    segment, problems = parse_segment(data, slug="", path=path)
    members = segment.where.members if side == "where" else segment.excepted.members
    if problems or len(data) != 1 or len(members) != 1:
        return []
    return [_Piece(side, text, members[0])]


def _with_comments_above(plain: str, start: int) -> int:
    lines = plain[:start].splitlines(keepends=True)
    while lines and lines[-1].lstrip().startswith("#"):
        start -= len(lines.pop())
    return start


def _rule(side: str, member: Condition | Group, pieces: list[_Piece]) -> str:
    """The text as it stands where one piece says just this, else a new one; a piece serves once."""
    for piece in pieces:
        if piece.side == side and piece.member == member:
            pieces.remove(piece)
            return piece.text.strip("\n") + "\n"
    return f"[[{side}]]\n" + "".join(f"{each}\n" for each in _lines(member))


def _anew(segment: Segment, opening: str) -> str:
    rules = [_rule(side, each, []) for side in _SIDES for each in _members(segment, side)]
    return _joined(opening + _head(segment), rules)


def _members(segment: Segment, side: str) -> Sequence[Condition | Group]:
    return segment.where.members if side == "where" else segment.excepted.members


def _joined(head: str, rules: list[str]) -> str:
    return "\n".join([head.rstrip("\n") + "\n", *rules])


def _top(plain: str) -> str:
    """The comments at the beginning of the file."""
    lines = []
    for line in plain.splitlines(keepends=True):
        if line.strip() and not line.lstrip().startswith("#"):
            break
        lines.append(line)
    return "".join(lines)


def _comments_alone(head: str) -> str:
    """Its lines that are comments, where all of them are comments of the file and not of a text."""
    lines = [line for line in head.splitlines() if line.lstrip().startswith("#")]
    known = Counter(comments(head))
    return "".join(f"{line}\n" for line in lines if known[line.strip()])


def _head(segment: Segment) -> str:
    lines = [f"title = {_value(segment.title)}"]
    if segment.description:
        lines.append(f"description = {_value(segment.description)}")
    if segment.members_only:
        lines.append("members_only = true")
    if segment.one_per:
        lines.append(f"one_per = {_value(segment.one_per)}")
    if segment.jobs:
        lines.append(f"jobs = {_value(segment.jobs)}")
    return "".join(f"{line}\n" for line in lines)


def _lines(member: Condition | Group) -> list[str]:
    """The lines of one rule, under its heading."""
    if isinstance(member, Condition):
        return [f"field = {_value(member.field)}", f"{member.operator.value} = {_value(member.value)}"]
    return [f"{member.junction.value} = {_list(member, indent='')}"]


def _list(group: Group, *, indent: str) -> str:
    """An array over several lines; inside braces a line may only break within one."""
    if not group.members:
        return "[]"
    inner = indent + "  "
    items = "".join(f"{inner}{_inline(each, indent=inner)},\n" for each in group.members)
    return f"[\n{items}{indent}]"


def _inline(member: Condition | Group, *, indent: str) -> str:
    if isinstance(member, Condition):
        return f"{{ {', '.join(_lines(member))} }}"
    return f"{{ {member.junction.value} = {_list(member, indent=indent)} }}"


def _value(value: Scalar | tuple[Scalar, ...]) -> str:
    if isinstance(value, tuple):
        items = [_value(each) for each in value]
        line = f"[{', '.join(items)}]"
        return line if len(line) <= _WIDTH else "[\n" + "".join(f"  {item},\n" for item in items) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return value.isoformat() if isinstance(value, date) else _text(value)


def _text(value: str) -> str:
    """A basic string: what TOML asks to be escaped, and nothing else."""
    named = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(named.get(each) or _letter(each) for each in value) + '"'


def _letter(letter: str) -> str:
    return f"\\u{ord(letter):04x}" if letter < " " or letter == _BARE_DELETE else letter
