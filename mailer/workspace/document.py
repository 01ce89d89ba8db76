"""An issue's file cut into pieces that, put together, are the file again, byte for byte.

    bom + opening + front lines + closing + (lead + fence + body + close) per block + tail

A lead is what stands before a block: blank lines and `<!-- comments -->`.
"""

import re
from dataclasses import dataclass

from mailer.errors import Problem
from mailer.model.workspace import Block
from mailer.workspace import fences, front_matter
from mailer.workspace.front_matter import FrontLine

_DELIMITER = "---"
_BOM = "\ufeff"
#: Controls but tab and line feed, the line and paragraph separators, lone surrogates.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its line break, and without."""

    raw: str
    content: str
    number: int


@dataclass(frozen=True, slots=True)
class Part:
    """One block with the raw lines that it was read from."""

    block: Block
    lead: str
    fence: str
    body: str
    close: str


@dataclass(frozen=True, slots=True)
class Document:
    """The pieces of one file; `end` is the line break of its first line."""

    bom: str
    opening: str
    front: tuple[FrontLine, ...]
    closing: str
    parts: tuple[Part, ...]
    tail: str
    end: str


def parse(text: str) -> tuple[Document, list[Problem]]:
    """Cut a file into its pieces; the problems carry lines, the caller adds the path."""
    bom = _BOM if text.startswith(_BOM) else ""
    lines = _lines(text.removeprefix(_BOM))
    problems = [_control_character(line) for line in lines if first_control(line.content)]
    front, rest = _read_front(lines, problems)
    parts, tail = _read_parts(rest, problems)
    document = Document(
        bom=bom,
        opening=lines[0].raw if front else "",
        front=front[:-1],
        closing=front[-1].raw if front else "",
        parts=parts,
        tail=tail,
        end="\r\n" if lines and lines[0].raw.endswith("\r\n") else "\n",
    )
    return document, sorted(problems, key=lambda problem: problem.line or 0)


def first_control(text: str) -> str:
    """The first character that no file may hold, written as U+0000; "" where there is none."""
    found = _CONTROL.search(text)
    return f"U+{ord(found[0]):04X}" if found else ""


def _lines(text: str) -> list[Line]:
    """Cut at line feeds only: the other characters that Python takes for line breaks are refused later."""
    pieces = text.split("\n")
    raws = [piece + "\n" for piece in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])
    return [
        Line(
            raw=raw,
            content=raw.removesuffix("\n").removesuffix("\r") if raw.endswith("\n") else raw,
            number=number,
        )
        for number, raw in enumerate(raws, start=1)
    ]


def _read_front(lines: list[Line], problems: list[Problem]) -> tuple[tuple[FrontLine, ...], list[Line]]:
    """The front matter's lines with the closing `---` as the last one, and the lines after it."""
    if not lines or lines[0].content.rstrip(" \t") != _DELIMITER:
        problems.append(_no_front_matter())
        return (), lines
    front: list[FrontLine] = []
    for position, line in enumerate(lines[1:], start=1):
        if line.content.rstrip(" \t") == _DELIMITER:
            problems += front_matter.duplicates(tuple(front))
            return (*front, FrontLine(raw=line.raw, line=line.number)), lines[position + 1 :]
        found, wrong = front_matter.read_line(line.raw, line.content, line.number)
        front.append(found)
        problems += wrong
    problems.append(_open_front_matter())
    return (*front, FrontLine(raw="")), []


def _read_parts(lines: list[Line], problems: list[Problem]) -> tuple[tuple[Part, ...], str]:
    parts: list[Part] = []
    lead = ""
    position = 0
    while position < len(lines):
        if lines[position].content.startswith(fences.MARK):
            part, position = _read_part(lines, position, lead, problems)
            parts.append(part)
            lead = ""
        else:
            end = _skip_lead(lines, position, problems)
            lead += "".join(line.raw for line in lines[position:end])
            position = end
    return tuple(parts), lead


def _read_part(lines: list[Line], start: int, lead: str, problems: list[Problem]) -> tuple[Part, int]:
    """The block whose fence is at `start`, and the position after it."""
    opening = lines[start]
    kind, attributes, wrong = fences.read_fence(opening.content, opening.number)
    problems += wrong
    end = start + 1
    while end < len(lines) and not lines[end].content.startswith(fences.MARK):
        end += 1
    is_closed = end < len(lines) and fences.is_close(lines[end].content)
    if not is_closed and kind:
        problems.append(_not_closed(kind, opening.number))
    body = lines[start + 1 : end]
    text = "\n".join(fences.read_body_line(line.content) for line in body)
    part = Part(
        block=Block(kind=kind, attributes=attributes, body=text, line=opening.number),
        lead=lead,
        fence=opening.raw,
        body="".join(line.raw for line in body),
        close=lines[end].raw if is_closed else "",
    )
    return part, end + 1 if is_closed else end


def _skip_lead(lines: list[Line], start: int, problems: list[Problem]) -> int:
    """The position after a blank line or a comment; anything else is a problem, and skipped."""
    line = lines[start]
    if not line.content.startswith("<!--"):
        if line.content.strip():
            problems.append(_outside(line))
        return start + 1
    for position in range(start, len(lines)):
        _, found, after = lines[position].content.partition("-->")
        if found:
            if after.strip():
                problems.append(_outside(lines[position]))
            return position + 1
    problems.append(_open_comment(line.number))
    return len(lines)


def _control_character(line: Line) -> Problem:
    return Problem(
        code="control-character",
        message="The line holds a control character ({character}).",
        remedy="Delete it: type the line again without pasting.",
        values={"character": first_control(line.content)},
        line=line.number,
    )


def _no_front_matter() -> Problem:
    return Problem(
        code="front-matter-missing",
        message="The file does not begin with ---.",
        remedy='Begin with a line ---, a line subject: "…", and a line ---.',
        line=1,
    )


def _open_front_matter() -> Problem:
    return Problem(
        code="front-matter-open",
        message="The --- of the first line is never closed.",
        remedy="Put a second line --- after the last key.",
        line=1,
    )


def _not_closed(kind: str, line: int) -> Problem:
    return Problem(
        code="block-not-closed",
        message="The block {kind} is not closed.",
        remedy="Put a line ::: after its last line; a text line that begins with ::: is written \\:::.",
        values={"kind": kind},
        line=line,
    )


def _outside(line: Line) -> Problem:
    return Problem(
        code="text-outside-block",
        message="“{text}” stands outside of any block, so nobody would read it.",
        remedy="Put it between ::: text and :::, or in a comment <!-- … -->.",
        values={"text": line.content.strip()[:60]},
        line=line.number,
    )


def _open_comment(line: int) -> Problem:
    return Problem(
        code="comment-open",
        message="The comment is never closed.",
        remedy="Write --> at its end.",
        line=line,
    )
