"""Plain text: lines of at most 76 characters, measured as people will see them, never broken inside an address."""

import re
import textwrap
from collections.abc import Iterator

from mailer.rendering.slots import restore_marks, shorten_marks

WIDTH = 76
#: A line of its own between two blocks: there stand two empty lines, elsewhere one.
PAUSE = "\f"
#: What stands before an item of a list; its other lines are indented as far.
_ITEM = re.compile(r" *(?:- |\d{1,3}\. )?")


def tidied(text: str) -> str:
    """Long lines wrapped, no blanks at their ends; at most one empty line between parts and two between blocks."""
    short, marks = shorten_marks(text)
    lines: list[str] = []
    gap = 0
    for line in short.split("\n"):
        if line == PAUSE:
            gap = 2
        elif not line.strip(" \t\r"):
            gap = max(gap, 1)
        else:
            lines += [""] * (gap if lines else 0)
            lines += _wrapped(line)
            gap = 0
    return restore_marks("\n".join(lines), marks) + "\n"


def _wrapped(line: str) -> Iterator[str]:
    """No-break spaces are no place for a break."""
    line = line.rstrip(" \t\r")
    if len(line) <= WIDTH:
        yield line
        return
    item = _ITEM.match(line)
    yield from textwrap.wrap(
        line,
        WIDTH,
        subsequent_indent=" " * len(item[0]) if item else "",
        break_long_words=False,
        break_on_hyphens=False,
    )
