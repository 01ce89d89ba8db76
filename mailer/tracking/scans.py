"""Scanners of mail gateways: they follow links as nobody reads (rules O10). Watched in memory, for seconds only."""

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta

#: Distinct links of one copy within this time are a scanner's.
SCAN_TIME = timedelta(seconds=10)
_SCAN_LINKS = 3
_REMEMBERED = 32
_WATCHED_COPIES = 10_000


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody followed one link; a HEAD is never a person's."""

    at: datetime
    link: int
    is_head: bool


class Scans:
    """The latest steps of the latest copies. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._steps: OrderedDict[bytes, deque[Step]] = OrderedDict()

    def watch(self, copy: bytes, *, link: int, method: str, at: datetime) -> None:
        """Remember a step of one copy."""
        with self._lock:
            steps = self._steps.setdefault(copy, deque(maxlen=_REMEMBERED))
            self._steps.move_to_end(copy)
            if len(self._steps) > _WATCHED_COPIES:
                self._steps.popitem(last=False)
            steps.append(Step(at, link, method == "HEAD"))

    def is_scan(self, copy: bytes, at: datetime) -> bool:
        """Whether this copy's links were followed, within ten seconds around that moment, by a machine.

        Signs: a HEAD, or three different links. Ask only once those ten seconds are over.
        """
        with self._lock:
            near = [step for step in self._steps.get(copy, ()) if abs(step.at - at) <= SCAN_TIME]
        if any(step.is_head for step in near):
            return True
        starts = [step.at for step in near if step.at <= at]
        return any(_links_after(near, start) >= _SCAN_LINKS for start in starts)


def _links_after(steps: list[Step], start: datetime) -> int:
    return len({step.link for step in steps if start <= step.at <= start + SCAN_TIME})
