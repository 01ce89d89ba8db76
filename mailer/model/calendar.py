"""Events of the network: a meeting, a training, a webinar; what is promised about it, and the letters that announce it.

On screen *événement*. The `Event` of mailer.model.events is another thing: what happened to a delivery.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path


class EventLetter(StrEnum):
    """What a letter of an event is for."""

    SAVE_THE_DATE = "save-the-date"
    FORTNIGHT = "j-14"
    EVE = "j-1"
    REPLAY = "replay"
    CHANGED = "changed"
    CANCELLED = "cancelled"


#: The letters that every event begins with, in the order in which they leave.
KIT = (EventLetter.SAVE_THE_DATE, EventLetter.FORTNIGHT, EventLetter.EVE, EventLetter.REPLAY)
#: Days outside have no neighbours that every calendar and zone could name.
YEARS = range(1970, 2100)
#: When a letter of an event wishes to leave.
_HOUR = time(9, 30)
_BEFORE = {
    EventLetter.SAVE_THE_DATE: timedelta(weeks=6),
    EventLetter.FORTNIGHT: timedelta(days=14),
    EventLetter.EVE: timedelta(days=1),
}
_AFTER = timedelta(days=2)
_SATURDAY = 5
#: What people plan by: another value, and a letter that left with the former one is wrong.
_PROMISED = ("start", "end", "zone", "place", "address", "online", "cancelled")


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One event, as its file says. `start` and `end` are local hours in `zone`."""

    campaign: str
    slug: str
    path: Path
    title: str
    start: datetime
    end: datetime
    zone: str = "Europe/Paris"
    place: str = ""
    address: str = ""
    #: Where one takes part from afar.
    online: str = ""
    registration: str = ""
    #: A few sentences of plain text.
    description: str = ""
    #: An address that answers questions.
    contact: str = ""
    #: Where the recording is, once there is one.
    replay: str = ""
    cancelled: bool = False
    letters: tuple[str, ...] = KIT

    @property
    def ref(self) -> str:
        """How commands and pages name it: campaign/event."""
        return f"{self.campaign}/{self.slug}"

    @property
    def promise(self) -> str:
        """What tells whether a letter that says when and where is still right."""
        return _digest({name: getattr(self, name) for name in _PROMISED})

    @property
    def content(self) -> str:
        """What tells whether anything that a calendar shows has changed."""
        unseen = {"campaign", "slug", "path", "letters"}
        return _digest({name: value for name, value in asdict(self).items() if name not in unseen})


def promises(events: Mapping[str, CalendarEvent], names: Iterable[str]) -> dict[str, str]:
    """What each of these events promises now; an event that is not there promises nothing."""
    return {name: events[name].promise if name in events else "" for name in names}


def planned_at(event: CalendarEvent, letter: str) -> datetime | None:
    """The local hour at which a letter of the event wishes to leave; None for one that nobody plans beforehand.

    The eve's letter leaves on a working day before, the replay's on one after.
    """
    if letter == EventLetter.REPLAY:
        day = event.end.date() + _AFTER
        day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= _SATURDAY else 0)
    elif letter in _BEFORE:
        day = event.start.date() - _BEFORE[EventLetter(letter)]
        day -= _past_friday(day) if letter == EventLetter.EVE else timedelta()
    else:
        return None
    return datetime.combine(day, _HOUR)


def _past_friday(day: date) -> timedelta:
    return timedelta(days=max(0, day.weekday() - _SATURDAY + 1))


def _digest(values: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()
