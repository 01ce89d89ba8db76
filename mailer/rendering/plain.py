"""Plain text: lines of at most 76 characters, measured as people will see them, never broken inside an address."""

import textwrap

from mailer.rendering.slots import restore_marks, shorten_marks

WIDTH = 76


def wrapped(text: str, *, first: str = "", rest: str = "") -> str:
    """Each line of `text` in lines of at most WIDTH, the first after `first`, the others after `rest`.

    No-break spaces are no place for a break.
    """
    short, marks = shorten_marks(text)
    lines = [
        textwrap.fill(
            line,
            WIDTH,
            initial_indent=rest if number else first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for number, line in enumerate(short.split("\n"))
    ]
    return restore_marks("\n".join(lines), marks)


def tidied(text: str) -> str:
    """At most one empty line between parts, none at the ends, no blanks at the end of a line, long lines wrapped."""
    lines: list[str] = []
    for line in map(_shown, text.split("\n")):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip("\n") + "\n"


def _shown(line: str) -> str:
    short, _ = shorten_marks(line)
    is_long = len(short) > WIDTH and "://" not in line
    return wrapped(line.rstrip()) if is_long else line.rstrip(" \t\r")
