"""Pieces of a file put in a row, and the comments of two sides put together."""

from collections.abc import Sequence


def join(pieces: Sequence[str], *, end: str) -> str:
    """The pieces in a row, each on lines of its own; only the last may end without a line break."""
    filled = [piece for piece in pieces if piece]
    broken = [piece if piece.endswith("\n") else piece + end for piece in filled[:-1]]
    return "".join([*broken, *filled[-1:]])


def merge_comments(base: str, mine: str, theirs: str) -> str:
    """Blank lines and comments of two sides: what one side changed is taken, of what both changed nothing is lost."""
    if mine in (base, theirs):
        return theirs
    if theirs == base:
        return mine
    if mine.strip() in theirs:
        return theirs
    if theirs.strip() in mine:
        return mine
    return join([theirs, mine], end="\n")
