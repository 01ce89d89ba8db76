"""What somebody does with the blocks as wholes: add, move, copy, delete. Items keep their place of before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from mailer.model.workspace import Block


class Arranging(StrEnum):
    """One act on the list of blocks."""

    ADD = "add"
    UP = "up"
    DOWN = "down"
    MOVE = "move"
    COPY = "copy"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Item:
    """A block and its position before the act, counted from 1; 0 for one that was not there."""

    block: Block
    former: int


def items_of(blocks: Sequence[Block]) -> list[Item]:
    return [Item(block, position) for position, block in enumerate(blocks, start=1)]


def arrange(
    items: Sequence[Item], act: Arranging, *, at: int, to: int = 0, kind: str = ""
) -> tuple[list[Item], int]:
    """The items after the act on the block at position `at`, and the position of the block that it was about.

    `add` puts a new block of this kind behind `at` (0: before all others); a position that is not there changes nothing.
    """
    found = list(items)
    if act is Arranging.ADD:
        place = min(max(at, 0), len(found))
        found.insert(place, Item(Block(kind=kind), 0))
        return found, place + 1
    if not 1 <= at <= len(found):
        return found, 0
    if act is Arranging.DELETE:
        del found[at - 1]
        return found, min(at, len(found))
    if act is Arranging.COPY:
        found.insert(at, replace(found[at - 1], former=0))
        return found, at + 1
    wanted = {Arranging.UP: at - 1, Arranging.DOWN: at + 1}.get(act, to)
    place = min(max(wanted, 1), len(found))
    found.insert(place - 1, found.pop(at - 1))
    return found, place
