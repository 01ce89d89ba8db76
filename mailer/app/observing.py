"""Events looked at: whatever was frozen with another date, place or promise is stopped before it leaves."""

import structlog

from mailer import sending, workspace
from mailer.clock import Clock
from mailer.model.calendar import CalendarEvent
from mailer.model.workspace import Workspace
from mailer.settings import Settings
from mailer.store import Store, Tx, acts, calendar

#: Who stops a send when nobody is logged in: the file that has changed.
BY = "event"
_log = structlog.get_logger()


def observe(settings: Settings, store: Store, clock: Clock) -> None:
    """Look at the files of all events; writes only where one has changed, come or gone. Safe to repeat."""
    found, _ = workspace.load(settings.workspace)
    events = {
        (campaign.slug, event.slug): event
        for campaign in found.campaigns.values()
        for event in campaign.events.values()
    }
    with store.read() as tx:
        known = {(each.campaign, each.slug): each for each in calendar.all_states(tx)}
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
            note(tx, event, clock=clock)
        for campaign, slug in gone:
            if calendar.observe(tx, campaign, slug, promise="", content="", at=clock.now()):
                _stop(tx, campaign, slug, clock=clock)


def note(tx: Tx, event: CalendarEvent, *, clock: Clock) -> None:
    """How the event stands now, in the transaction that speaks of it."""
    values = {"promise": event.promise, "content": event.content}
    if calendar.observe(tx, event.campaign, event.slug, **values, at=clock.now()):
        _stop(tx, event.campaign, event.slug, clock=clock)


def _stop(tx: Tx, campaign: str, slug: str, *, clock: Clock) -> None:
    for send in sending.hold_outdated(tx, campaign, slug):
        ref = f"{send.campaign}/{send.issue}"
        acts.record(tx, at=clock.now(), by=BY, act="hold-event", object=ref, detail=slug)
        _log.warning("send stopped", send=send.id, reason="event-moved")


def _may_be_there(found: Workspace, campaign: str, slug: str) -> bool:
    """An event whose file is broken is not gone, nor one of a campaign that this machine does not have."""
    return campaign not in found.campaigns or workspace.event_path(found.root, campaign, slug).is_file()
