"""The blocks of three texts of one issue in one order: where each side put, moved or deleted what."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from mailer.workspace import alignment
from mailer.workspace.document import Part

Parts = Sequence[Part]
#: A place of the base, or of one side alone: ("base", 3), ("mine", 0).
_Name = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Place:
    """One block in its three forms; None where a text does not have it."""

    #: From 1, in the base; 0 for a block that is new.
    number: int
    base: Part | None
    mine: Part | None
    theirs: Part | None

    @property
    def any(self) -> Part:
        """A form that there is."""
        found = self.theirs or self.mine or self.base
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Placed:
    """Every block of the three texts, in the order of the merged one."""

    places: tuple[Place, ...]
    is_order_theirs: bool


def place(base: Parts, mine: Parts, theirs: Parts) -> Placed:
    """The order of `theirs`, with what `mine` added or moved behind what stands before it there."""
    m, t = _origins(base, mine), _origins(base, theirs)
    m_names = _with_same_new([_name(each, "mine", at) for at, each in enumerate(m)], mine, t, theirs)
    t_names = [_name(each, "theirs", at) for at, each in enumerate(t)]
    moved_by_me, moved_by_them = moved(m), moved(t)
    mine_to_place = {("base", each) for each in moved_by_me - moved_by_them}
    skeleton = [name for name in t_names if name not in mine_to_place]
    order = _inserted(_inserted(skeleton, m_names), [("base", each) for each in range(len(base))])
    forms = (dict(zip(m_names, mine, strict=True)), dict(zip(t_names, theirs, strict=True)))
    places = tuple(_place(name, base, *forms) for name in order)
    both = moved_by_me & moved_by_them
    return Placed(places, bool(both) and _common(m, t) != _common(t, m))


def _origins(base: Parts, side: Parts) -> list[int | None]:
    return alignment.match_surely([part.block for part in side], base)


def _name(origin: int | None, side: str, at: int) -> _Name:
    return (side, at) if origin is None else ("base", origin)


def _with_same_new(names: list[_Name], mine: Parts, origins: list[int | None], theirs: Parts) -> list[_Name]:
    """What both sides added in the same words is one block."""
    free = [at for at, origin in enumerate(origins) if origin is None]
    for place, name in enumerate(names):
        same = next((at for at in free if theirs[at].block == mine[place].block), None)
        if name[0] == "mine" and same is not None:
            free.remove(same)
            names[place] = ("theirs", same)
    return names


def moved(origins: Sequence[int | None]) -> set[int]:
    """Those that left their place among the others: all but the longest run that still stands in its order."""
    kept = [each for each in origins if each is not None]
    ends: list[int] = []
    lengths = []
    for each in kept:
        length = bisect_left(ends, each)
        ends[length : length + 1] = [each]
        lengths.append(length)
    wanted, staying = len(ends) - 1, set[int]()
    for each, length in zip(reversed(kept), reversed(lengths), strict=True):
        if length == wanted and (not staying or each < min(staying)):
            staying.add(each)
            wanted -= 1
    return set(kept) - staying


def _inserted(order: list[_Name], others: Sequence[_Name]) -> list[_Name]:
    """The order with each of the others that it lacks, behind the one before it."""
    order = order.copy()
    place = 0
    for name in others:
        if name not in order:
            order.insert(place, name)
        place = order.index(name) + 1
    return order


def _common(origins: Sequence[int | None], others: Sequence[int | None]) -> list[int]:
    return [each for each in origins if each is not None and each in others]


def _place(name: _Name, base: Parts, mine: dict[_Name, Part], theirs: dict[_Name, Part]) -> Place:
    is_old = name[0] == "base"
    number = name[1] + 1 if is_old else 0
    return Place(number, base[name[1]] if is_old else None, mine.get(name), theirs.get(name))
