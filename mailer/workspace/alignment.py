"""Which block of an edited issue is which block of its file."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Protocol

from mailer.model.workspace import Block

_Key = tuple[str, tuple[tuple[str, str], ...], str]
#: Places that differ between two that stayed: of the old ones, and of the new ones.
_Gap = tuple[range, range]
_WORD = re.compile(r"\w+")
#: From this share of common words on, two blocks of one kind are one that was edited.
_LIKE = 0.5


class Holding(Protocol):
    """What a block stands in."""

    @property
    def block(self) -> Block: ...


def match(blocks: Sequence[Block], parts: Sequence[Holding]) -> list[int | None]:
    """For each block the position of the part that it comes from, or None where it is new.

    First what is the same at both ends; between them the blocks that did not change, in their order; then
    those that moved; then the edited ones, the most alike first, wherever they are; then, between two that
    stayed, the others in their order.
    """
    found, gaps, _ = _match(blocks, parts)
    for before, after in gaps:
        _pair(found, *_left(found, before, after))
    return found


def match_surely(blocks: Sequence[Block], parts: Sequence[Holding]) -> list[int | None]:
    """The same, without a guess: a block that is like none is new, unless it is plain which one it replaced."""
    found, gaps, old = _match(blocks, parts)
    for before, after in gaps:
        free, waiting = _left(found, before, after)
        if [old[each][0] for each in free] == [blocks[each].kind for each in waiting]:
            _pair(found, free, waiting)
    return found


def _match(
    blocks: Sequence[Block], parts: Sequence[Holding]
) -> tuple[list[int | None], list[_Gap], list[_Key]]:
    """What is the same, moved or alike, and between which places something else may be left."""
    old, new = [_key(part.block) for part in parts], [_key(block) for block in blocks]
    head = _common(old, new)
    foot = _common(old[head:][::-1], new[head:][::-1])
    ends = len(old) - foot, len(new) - foot
    found: list[int | None] = [*range(head), *([None] * (ends[1] - head)), *range(ends[0], len(old))]
    gaps = []
    middle = SequenceMatcher(None, old[head : ends[0]], new[head : ends[1]], autojunk=False)
    for tag, i1, i2, j1, j2 in middle.get_opcodes():
        if tag == "equal":
            found[head + j1 : head + j2] = range(head + i1, head + i2)
        else:
            gaps.append((range(head + i1, head + i2), range(head + j1, head + j2)))
    _match_moved(found, old, new)
    _match_alike(found, old, new)
    return found, gaps, old


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


def _match_alike(found: list[int | None], old: list[_Key], new: list[_Key]) -> None:
    """The edited ones, the most alike first; of two that are as much alike, the nearer."""
    free, waiting = _left(found, range(len(old)), range(len(new)))
    before, after = {each: _words(old[each]) for each in free}, {each: _words(new[each]) for each in waiting}
    pairs = sorted(_alike(before, after, old, new))
    taken, done = set[int](), set[int]()
    for _, _, origin, position in pairs:
        if origin not in taken and position not in done:
            found[position] = origin
            taken.add(origin)
            done.add(position)


def _alike(
    before: dict[int, Counter[str]], after: dict[int, Counter[str]], old: list[_Key], new: list[_Key]
) -> Iterator[tuple[float, int, int, int]]:
    """Pairs of one kind that have enough words in common: how unlike, how far, which."""
    for origin, words in before.items():
        for position, others in after.items():
            if old[origin][0] == new[position][0] and (like := _likeness(words, others)) >= _LIKE:
                yield 1 - like, abs(origin - position), origin, position


def _words(key: _Key) -> Counter[str]:
    return Counter(_WORD.findall(" ".join([*(value for _, value in key[1]), key[2]])))


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    """The share of the words of both that are common, from 0 to 1."""
    return 2 * (one & other).total() / max(one.total() + other.total(), 1)


def _left(found: list[int | None], before: range, after: range) -> tuple[list[int], list[int]]:
    """Which of these are without a partner yet."""
    taken = _taken(found)
    return (
        [each for each in before if each not in taken],
        [each for each in after if found[each] is None],
    )


def _pair(found: list[int | None], free: Sequence[int], waiting: Sequence[int]) -> None:
    for position, origin in zip(waiting, free, strict=False):
        found[position] = origin


def _taken(found: list[int | None]) -> set[int]:
    return {position for position in found if position is not None}
