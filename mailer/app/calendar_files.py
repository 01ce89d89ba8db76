"""The calendar file of an event (iCalendar, RFC 5545): made as the event is now, whenever somebody asks for it."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from icalendar import Calendar, Event, vCalAddress, vText, vUri

from mailer import workspace
from mailer.clock import resolve_local
from mailer.errors import NotFoundError
from mailer.model.calendar import CalendarEvent
from mailer.model.calendar_state import CalendarState
from mailer.settings import Settings
from mailer.store import Store, calendar
from mailer.tokens import Signer

_MAKER = "-//Relais//mailer//FR"


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """What is served: the bytes, their tag for caches, and a name to save them under."""

    body: bytes
    etag: str
    name: str


def calendar_file(settings: Settings, store: Store, signer: Signer, ref: str) -> CalendarFile:
    """The file of the event `campaign/event`; raises NotFoundError where it is gone."""
    found, _ = workspace.load(settings.workspace)
    campaign, _, slug = ref.partition("/")
    event = found.campaigns[campaign].events.get(slug) if campaign in found.campaigns else None
    if event is None:
        raise NotFoundError("This event is no longer here.")
    with store.read() as tx:
        state = calendar.find(tx, campaign, slug)
    about = found.campaigns[campaign]
    # What is published names who answers for it (RFC 5546 §3.2.1): without a contact, whoever writes the letters.
    organiser = event.contact or about.reply_to or about.sender_address
    body = _written(
        event,
        state,
        uid=_uid(signer, ref),
        organiser=_organiser(organiser, settings.network.name),
        changed=_changed(settings, event),
    )
    return CalendarFile(body, hashlib.sha256(body).hexdigest()[:32], f"{slug}.ics")


def _uid(signer: Signer, ref: str) -> str:
    """The same for ever, whatever changes in the event; random-looking (RFC 7986 §5.3)."""
    return signer.digest("calendar", ref.encode()).hex()[:32]


def _changed(settings: Settings, event: CalendarEvent) -> datetime:
    """When the file was last written, for a change that nobody has noted yet."""
    seconds = int((settings.workspace / event.path).stat().st_mtime)
    return datetime.fromtimestamp(seconds, UTC)


def _written(
    event: CalendarEvent, state: CalendarState | None, *, uid: str, organiser: vCalAddress, changed: datetime
) -> bytes:
    entry = Event()
    entry.add("uid", uid)
    # Hours in UTC need no table of zones, and no reader can be wrong about them.
    entry.add("dtstart", resolve_local(event.start, event.zone))
    entry.add("dtend", resolve_local(event.end, event.zone))
    sequence, at = _sequence(event, state, changed)
    entry.add("dtstamp", at)
    entry.add("last-modified", at)
    entry.add("sequence", sequence)
    entry.add("summary", event.title)
    entry.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    if place := ", ".join(filter(None, (event.place, event.address))) or event.online:
        entry.add("location", place)
    if description := _description(event):
        entry.add("description", description)
    if link := event.registration or event.online:
        entry["url"] = vUri(link)
    entry["organizer"] = organiser
    return _wrapped(entry)


def _organiser(address: str, name: str) -> vCalAddress:
    found = vCalAddress(f"mailto:{address}")
    found.params["cn"] = vText(name)
    return found


def _wrapped(entry: Event) -> bytes:
    whole = Calendar()
    whole.add("prodid", _MAKER)
    whole.add("version", "2.0")
    whole.add("method", "PUBLISH")
    whole.add_component(entry)
    return bytes(whole.to_ical())


def _sequence(event: CalendarEvent, state: CalendarState | None, changed: datetime) -> tuple[int, datetime]:
    """How often the event has changed, and when it last did; a change that is not noted yet counts."""
    if state is None:
        return 0, changed
    if state.content == event.content:
        return state.sequence, state.changed_at.replace(microsecond=0)
    return state.sequence + 1, changed


def _description(event: CalendarEvent) -> str:
    links = [each for each in (event.online, event.registration, event.replay) if each]
    return "\n".join(filter(None, (event.description, *dict.fromkeys(links))))
