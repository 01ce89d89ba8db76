"""Two texts of one issue that were made from a third: what one side changed is taken, what both changed is asked.

`base` is the text that both began with, `mine` what somebody is about to save, `theirs` what the file says now.
The units are the keys of the front matter and the blocks; comments are never asked about and never lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from mailer.errors import WorkspaceError
from mailer.workspace import front_merging, joining, ordering
from mailer.workspace.document import Document, Part, parse
from mailer.workspace.front_matter import FrontLine
from mailer.workspace.reader import read_issue

Written = tuple[str, str, str]


class Choice(StrEnum):
    """Which side of a clash goes on; a block may go on in both forms, theirs first."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class FieldClash:
    """A key of the front matter that both changed; None where one side took it out."""

    key: str
    base: FrontLine | None
    mine: FrontLine | None
    theirs: FrontLine | None

    @property
    def name(self) -> str:
        """How a choice names it."""
        return self.key


@dataclass(frozen=True, slots=True)
class BlockClash:
    """A block that both changed; None where one side deleted it. `lead` is what stands before it."""

    #: From 1, in the base.
    position: int
    base: Part
    mine: Part | None
    theirs: Part | None
    lead: str

    @property
    def name(self) -> str:
        """How a choice names it; no key begins with a digit."""
        return f"{self.position}"


Clash = FieldClash | BlockClash
_NOTHING: Mapping[str, Choice] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Merge:
    """The two texts put together, with a place for each clash."""

    frame: Document
    front: tuple[FrontLine | FieldClash, ...]
    blocks: tuple[Part | BlockClash, ...]
    tail: str
    #: Both sides moved blocks, each to other places: the order of the file stands.
    is_order_theirs: bool = False

    @property
    def clashes(self) -> tuple[Clash, ...]:
        """What has to be chosen, from top to bottom."""
        found = (each for each in (*self.front, *self.blocks) if isinstance(each, FieldClash | BlockClash))
        return tuple(found)

    def text(self, choices: Mapping[str, Choice] = _NOTHING) -> str:
        """The merged file. What is not chosen keeps both forms of a block, and my value of a key."""
        frame, end = self.frame, self.frame.end
        front = joining.join([_line(each, choices) for each in self.front], end=end)
        blocks = [piece for each in self.blocks for piece in _pieces(each, choices, end)]
        return frame.bom + joining.join([frame.opening, front, frame.closing, *blocks, self.tail], end=end)


def merge(base: str, mine: str, theirs: str) -> Merge:
    """Put the two together; raises WorkspaceError where one of the three cannot be read."""
    b, m, t = (_parsed(text) for text in (base, mine, theirs))
    frame = m if _frame(t) == _frame(b) else t
    placed = ordering.place(b.parts, m.parts, t.parts)
    passed_on, blocks = "", list[Part | BlockClash]()
    for place in placed.places:
        found, lead = _settled(place), joining.join([passed_on, _lead(place)], end=frame.end)
        if found is None:
            passed_on = joining.join([passed_on, _left(place)], end=frame.end)
            continue
        passed_on = ""
        blocks.append(_with_lead(found, lead))
    return Merge(
        frame=frame,
        front=tuple(
            FieldClash(*each) if isinstance(each, tuple) else each
            for each in front_merging.merge_lines(b.front, m.front, t.front)
        ),
        blocks=tuple(blocks),
        tail=joining.join([passed_on, joining.merge_comments(b.tail, m.tail, t.tail)], end=frame.end),
        is_order_theirs=placed.is_order_theirs,
    )


def require_readable(text: str) -> None:
    """Raise WorkspaceError, with every problem, where it cannot be read as an issue."""
    _, problems = read_issue(text, campaign="", slug="", path=Path("-"))
    if problems:
        raise WorkspaceError(problems)


def _parsed(text: str) -> Document:
    require_readable(text)
    return parse(text)[0]


def _frame(document: Document) -> tuple[str, str, str, str]:
    return document.bom, document.opening, document.closing, document.end


def _settled(place: ordering.Place) -> Part | BlockClash | None:
    """The block that goes on, None for one that is gone, or the clash."""
    base, mine, theirs = place.base, place.mine, place.theirs
    if base is None:
        return theirs or mine
    if mine is None and theirs is None:
        return None
    if mine is None or theirs is None:
        left = mine or theirs
        is_touched = left is not None and left.block != base.block
        return BlockClash(place.number, base, mine, theirs, "") if is_touched else None
    if mine.block == theirs.block:
        return mine if _written(theirs) == _written(base) else theirs
    if mine.block == base.block:
        return theirs
    if theirs.block == base.block:
        return mine
    return BlockClash(place.number, base, mine, theirs, "")


def _written(part: Part) -> Written:
    return part.fence, part.body, part.close


def _lead(place: ordering.Place) -> str:
    """What stands before the block: of both sides, where both have it."""
    base, mine, theirs = place.base, place.mine, place.theirs
    if mine is None or theirs is None:
        return (theirs or mine or place.any).lead
    return joining.merge_comments(base.lead if base else "", mine.lead, theirs.lead)


def _left(place: ordering.Place) -> str:
    """The comments that stood before a block that is gone, and that only this side knew of."""
    left = place.mine or place.theirs
    if left is None or place.base is None:
        return ""
    new = left.lead.removesuffix(place.base.lead).removeprefix(place.base.lead)
    return new if new.strip() else ""


def _with_lead(found: Part | BlockClash, lead: str) -> Part | BlockClash:
    if isinstance(found, BlockClash):
        return BlockClash(found.position, found.base, found.mine, found.theirs, lead)
    return Part(found.block, lead, found.fence, found.body, found.close)


def _line(found: FrontLine | FieldClash, choices: Mapping[str, Choice]) -> str:
    if isinstance(found, FrontLine):
        return found.raw
    chosen = found.theirs if choices.get(found.name) is Choice.THEIRS else found.mine
    return chosen.raw if chosen else ""


def _pieces(found: Part | BlockClash, choices: Mapping[str, Choice], end: str) -> list[str]:
    """The lead and the block; of a clash the chosen forms, with a blank line between two."""
    if isinstance(found, Part):
        return [found.lead, _whole(found, end)]
    choice = choices.get(found.name, Choice.BOTH)
    theirs = None if choice is Choice.MINE else found.theirs
    mine = None if choice is Choice.THEIRS else found.mine
    if theirs is None and mine is None:
        return [found.lead] if found.lead.strip() else []
    between = end if theirs and mine else ""
    return [found.lead, _whole(theirs, end), between, _whole(mine, end)]


def _whole(part: Part | None, end: str) -> str:
    return joining.join(_written(part), end=end) if part else ""
