"""Events looked at: whatever was frozen with another date, place or promise is stopped before it leaves."""

from collections.abc import Mapping

import structlog

from mailer import sending, workspace
from mailer.clock import Clock
from mailer.errors import ConflictError
from mailer.model.calendar import CalendarEvent
from mailer.model.calendar_state import CalendarState
from mailer.model.workspace import Workspace
from mailer.settings import Settings
from mailer.store import Store, Tx, acts, calendar

#: Who stops a send when nobody is logged in: the file that has changed.
BY = "event"
#: Campaign and event -> the row that says how it was last seen.
Seen = Mapping[tuple[str, str], CalendarState]
_log = structlog.get_logger()


def observe(settings: Settings, store: Store, clock: Clock) -> None:
    """Look at the files of all events; writes only where one has changed, come or gone. Safe to repeat.

    Where another process has noted something meanwhile, its look was the later one: the next tick looks again.
    """
    known = last_seen(store)
    found, _ = workspace.load(settings.workspace)
    events = {
        (campaign.slug, event.slug): event
        for campaign in found.campaigns.values()
        for event in campaign.events.values()
    }
    news = [
        event
        for place, event in events.items()
        if place not in known
        or (known[place].promise, known[place].content) != (event.promise, event.content)
    ]
    gone = [
        place
        for place, state in known.items()
        if state.promise and place not in events and not _may_be_there(found, *place)
    ]
    if not news and not gone:
        return
    with store.write() as tx:
        for event in news:
            _note(tx, event, known, clock=clock)
        for place in gone:
            if calendar.observe(tx, *place, known[place], promise="", content="", at=clock.now()):
                _stop(tx, *place, clock=clock)


def last_seen(store: Store) -> Seen:
    """The events as they were last seen; read before their files are, or an old look passes for a new one."""
    with store.read() as tx:
        return {(each.campaign, each.slug): each for each in calendar.all_states(tx)}


def note(tx: Tx, event: CalendarEvent, seen: Seen, *, clock: Clock) -> None:
    """How the event stands now, in the transaction that speaks of it.

    Raises ConflictError where it was changed after its file was read: what speaks of it is no longer true.
    """
    _note(tx, event, seen, clock=clock)
    now = calendar.find(tx, event.campaign, event.slug)
    if now is None or (now.promise, now.content) != (event.promise, event.content):
        raise ConflictError("Somebody changed the event {ref} meanwhile. Try again.", ref=event.ref)


def _note(tx: Tx, event: CalendarEvent, seen: Seen, *, clock: Clock) -> None:
    place = (event.campaign, event.slug)
    values = {"promise": event.promise, "content": event.content}
    if calendar.observe(tx, *place, seen.get(place), **values, at=clock.now()):
        _stop(tx, *place, clock=clock)


def _stop(tx: Tx, campaign: str, slug: str, *, clock: Clock) -> None:
    for send in sending.hold_outdated(tx, campaign, slug):
        ref = f"{send.campaign}/{send.issue}"
        acts.record(tx, at=clock.now(), by=BY, act="hold-event", object=ref, detail=slug)
        _log.warning("send stopped", send=send.id, reason="event-moved")


def _may_be_there(found: Workspace, campaign: str, slug: str) -> bool:
    """An event whose file is broken is not gone, nor one of a campaign that this machine does not have."""
    return campaign not in found.campaigns or workspace.event_path(found.root, campaign, slug).is_file()
