"""The lines between the two `---` of three texts of one issue, put together key by key."""

from collections.abc import Iterator, Sequence

from mailer.workspace.front_matter import FrontLine

Lines = Sequence[FrontLine]
#: The key that both changed, with its lines: of the base, mine, theirs.
Undecided = tuple[str, FrontLine | None, FrontLine | None, FrontLine | None]


def merge_lines(base: Lines, mine: Lines, theirs: Lines) -> list[FrontLine | Undecided]:
    """The lines in their order, those that only one side has behind the others; comments of both sides stay."""
    if _raw(theirs) == _raw(base):
        return list(mine)
    if _raw(mine) == _raw(base):
        return list(theirs)
    b, m, t = (_by_key(lines) for lines in (base, mine, theirs))
    found: list[FrontLine | Undecided] = []
    for line in theirs:
        found += [line] if line.key is None else _settled(line.key, b, m, t)
    known = {line.raw.strip() for line in (*base, *theirs) if line.key is None}
    for line in mine:
        if line.key is None:
            found += [] if line.raw.strip() in known else [line]
        elif line.key not in t:
            found += _settled(line.key, b, m, t)
    return found


def _settled(
    key: str, base: dict[str, FrontLine], mine: dict[str, FrontLine], theirs: dict[str, FrontLine]
) -> Iterator[FrontLine | Undecided]:
    """The line that goes on, none where it is gone, or what has to be chosen."""
    b, m, t = base.get(key), mine.get(key), theirs.get(key)
    if _said(m) == _said(b) or _said(m) == _said(t):
        settled = t
    elif _said(t) == _said(b):
        settled = m
    else:
        yield key, b, m, t
        return
    if settled is not None:
        yield settled


def _said(line: FrontLine | None) -> tuple[type, object, str] | None:
    """What a line says, whatever blanks and comments are around it."""
    return None if line is None else (type(line.value), line.value, line.text)


def _by_key(lines: Lines) -> dict[str, FrontLine]:
    return {line.key: line for line in lines if line.key is not None}


def _raw(lines: Lines) -> list[str]:
    return [line.raw for line in lines]
