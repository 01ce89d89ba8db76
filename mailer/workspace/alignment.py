"""Which block of an edited issue is which block of its file."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Protocol

from mailer.model.workspace import Block

_Key = tuple[str, tuple[tuple[str, str], ...], str]


class Holding(Protocol):
    """What a block stands in."""

    @property
    def block(self) -> Block: ...


def match(blocks: Sequence[Block], parts: Sequence[Holding]) -> list[int | None]:
    """For each block the position of the part that it comes from, or None where it is new.

    First what is the same at both ends; between them the blocks that did not change, in their order; then
    those that moved; then, between two that stayed, the edited ones in their order.
    """
    old, new = [_key(part.block) for part in parts], [_key(block) for block in blocks]
    head = _common(old, new)
    foot = _common(old[head:][::-1], new[head:][::-1])
    middle = _match(old[head : len(old) - foot], new[head : len(new) - foot])
    return [
        *range(head),
        *(None if origin is None else head + origin for origin in middle),
        *range(len(old) - foot, len(old)),
    ]


def _match(old: list[_Key], new: list[_Key]) -> list[int | None]:
    found: list[int | None] = [None] * len(new)
    edits = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found[j1:j2] = range(i1, i2)
        else:
            edits.append((range(i1, i2), range(j1, j2)))
    _match_moved(found, old, new)
    _match_edited(found, edits)
    return found


def _common(one: list[_Key], other: list[_Key]) -> int:
    """How many are the same from the start on."""
    pairs = zip(one, other, strict=False)
    return next(
        (position for position, pair in enumerate(pairs) if pair[0] != pair[1]), min(len(one), len(other))
    )


def _key(block: Block) -> _Key:
    return block.kind, tuple(sorted(block.attributes.items())), block.body


def _match_moved(found: list[int | None], old: list[_Key], new: list[_Key]) -> None:
    free: dict[_Key, list[int]] = {}
    for position in sorted(set(range(len(old))).difference(_taken(found))):
        free.setdefault(old[position], []).append(position)
    for position, key in enumerate(new):
        if found[position] is None and free.get(key):
            found[position] = free[key].pop(0)


def _match_edited(found: list[int | None], edits: list[tuple[range, range]]) -> None:
    taken = _taken(found)
    for before, after in edits:
        free = [position for position in before if position not in taken]
        waiting = [position for position in after if found[position] is None]
        for position, origin in zip(waiting, free, strict=False):
            found[position] = origin


def _taken(found: list[int | None]) -> set[int]:
    return {position for position in found if position is not None}
