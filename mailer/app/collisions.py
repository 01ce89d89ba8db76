"""Two letters of one day that the same people would get."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from mailer.app.departures import Departures
from mailer.app.issues import IssueSummary
from mailer.errors import InputError

#: A letter that can still be moved.
COMING = frozenset({"draft", "scheduled"})
_OUT = frozenset({"cancelled", "missed", "held"})


@dataclass(frozen=True, slots=True)
class Collision:
    """So many people are in the audience of both, as it is now."""

    first: IssueSummary
    second: IssueSummary
    people: int


class Collisions:
    """Audiences are resolved once, and only where two letters share a day: make one for each page."""

    def __init__(self, departures: Departures) -> None:
        self._departures = departures
        self._known: dict[str, frozenset[int]] = {}

    def among(self, letters: Sequence[IssueSummary]) -> list[Collision]:
        """Of the letters of one day, each pair with people in common of which one can still be moved."""
        found = []
        for first, second in combinations([each for each in letters if each.state not in _OUT], 2):
            if COMING.isdisjoint({first.state, second.state}):
                continue
            people = len(self._people(first) & self._people(second))
            if people:
                found.append(Collision(first, second, people))
        return found

    def _people(self, summary: IssueSummary) -> frozenset[int]:
        """An erratum has an audience of its own; a rule that cannot be read names nobody, and is told elsewhere."""
        key = summary.ref if summary.issue.erratum_of else summary.campaign.slug
        if key not in self._known:
            try:
                self._known[key] = frozenset(self._departures.foresee(summary.ref).audience.contact_ids)
            except InputError:
                self._known[key] = frozenset()
        return self._known[key]
