"""Scanners of mail gateways: they follow links as nobody reads (rules O10). Watched in memory, until they tell nothing of a click any more."""

import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

#: Distinct links of one copy within this time are a scanner's; a click waits so long before it is judged.
SCAN_TIME = timedelta(seconds=10)
_SCAN_LINKS = 3
#: The page of unsubscribing and a link of the content, looked at within this time.
_WAY_OUT_TIME = timedelta(seconds=60)
#: One copy from so many networks within this time: a service that spreads its requests.
_SPREAD_TIME, _SCAN_NETWORKS = timedelta(seconds=120), 3
_REMEMBERED = 32
_WATCHED_COPIES = 10_000
#: Stands for the page of unsubscribing among the links that a scanner follows.
WAY_OUT = -1


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody followed one link; a HEAD is never a person's, and nothing but a person POSTs."""

    at: datetime
    link: int
    method: str
    #: The network it came from, empty where that is not known.
    network: str


class Scans:
    """The latest steps of the latest copies. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._steps: OrderedDict[bytes, deque[Step]] = OrderedDict()

    def watch(self, copy: bytes, *, link: int, method: str, at: datetime, network: str = "") -> None:
        """Remember a step of one copy."""
        with self._lock:
            steps = self._steps.setdefault(copy, deque(maxlen=_REMEMBERED))
            self._steps.move_to_end(copy)
            steps.append(Step(at, link, method, network))
            if len(self._steps) > _WATCHED_COPIES:
                self._steps.popitem(last=False)

    def is_scan(self, copy: bytes, at: datetime) -> bool:
        """Whether the links of this copy were followed around that moment by a machine.

        Signs: a HEAD, or three different links, within ten seconds; the page of unsubscribing beside the content within
        a minute, unless its button was pressed; three networks within two minutes. Ask once ten seconds are over: what
        comes later than that is not waited for.
        """
        with self._lock:
            steps = [step for step in self._steps.get(copy, ()) if step.at <= at + SCAN_TIME]
        return _in_haste(_near(steps, at, SCAN_TIME), at) or _by_the_way_out(steps, at) or _spread(steps, at)

    def forget(self, *, since: datetime) -> None:
        """What was followed so long before that it tells nothing of a click made since then."""
        with self._lock:
            for copy in [each for each, steps in self._steps.items() if steps[-1].at < since - _SPREAD_TIME]:
                del self._steps[copy]


def _near(steps: Sequence[Step], at: datetime, time: timedelta) -> list[Step]:
    return [step for step in steps if abs(step.at - at) <= time]


def _in_haste(near: Sequence[Step], at: datetime) -> bool:
    if any(step.method == "HEAD" for step in near):
        return True
    starts = [step.at for step in near if step.at <= at]
    return any(_links_after(near, start) >= _SCAN_LINKS for start in starts)


def _links_after(steps: Sequence[Step], start: datetime) -> int:
    return len({step.link for step in steps if start <= step.at <= start + SCAN_TIME})


def _by_the_way_out(steps: Sequence[Step], at: datetime) -> bool:
    looked = [step for step in _near(steps, at, _WAY_OUT_TIME) if step.link == WAY_OUT]
    return bool(looked) and not any(step.method == "POST" for step in looked)


def _spread(steps: Sequence[Step], at: datetime) -> bool:
    return len({step.network for step in _near(steps, at, _SPREAD_TIME) if step.network}) >= _SCAN_NETWORKS
