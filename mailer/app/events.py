"""Events of the network: created, moved, cancelled; their letters begun, and what must be said when they change."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mailer import workspace
from mailer.app import editions, observing
from mailer.app.compiler import Compiler
from mailer.app.issues import IssueSummary, summaries
from mailer.app.new_letters import free_slug
from mailer.clock import Clock
from mailer.errors import InputError, NotFoundError, WorkspaceError
from mailer.model.calendar import CalendarEvent, EventLetter, planned_at
from mailer.model.ledger import SendState
from mailer.model.workspace import Campaign, Issue, Workspace
from mailer.settings import Settings
from mailer.store import Store, Tx, acts, calendar
from mailer.workspace.saving import changed_underneath, digest, read_exactly

_MOST_LETTERS = 48
#: Some copies of these have left, or leave.
_LEFT = (SendState.SENDING, SendState.PAUSED, SendState.SETTLING, SendState.DONE, SendState.CANCELLED)


@dataclass(frozen=True, slots=True)
class KitLetter:
    """One letter of an event. `summary` is None where it is not begun."""

    letter: str
    planned_at: datetime | None
    summary: IssueSummary | None


@dataclass(frozen=True, slots=True)
class EventKit:
    """An event with its letters. `offered`: what people who have a letter with the former date must be told."""

    campaign: Campaign
    event: CalendarEvent
    calendar_url: str
    letters: tuple[KitLetter, ...]
    #: What was written about it beside: changes, the cancellation, letters of one's own.
    others: tuple[IssueSummary, ...]
    offered: EventLetter | None
    #: The digest of its file: what a form that changes it was made from.
    version: str

    @property
    def missing(self) -> tuple[str, ...]:
        """The letters that are not begun; a cancelled event needs none."""
        return () if self.event.cancelled else tuple(each.letter for each in self.letters if not each.summary)


class Events:
    """Every act on an event. Safe to share between threads."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, compiler: Compiler) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._compiler = compiler

    def find(self, ref: str) -> tuple[Workspace, Campaign, CalendarEvent]:
        """The event named `campaign/event`; raises NotFoundError, or WorkspaceError where its file is broken."""
        slug, _, name = ref.partition("/")
        found, campaign, problems = editions.find_campaign(self._settings, slug)
        event = campaign.events.get(name)
        if event is None:
            path = workspace.event_path(found.root, slug, name).relative_to(found.root)
            if broken := [each for each in problems if each.path == path]:
                raise WorkspaceError(broken)
            known = ", ".join(sorted(f"{slug}/{each}" for each in campaign.events)) or "–"
            raise NotFoundError("There is no event {ref}. Known: {known}.", ref=ref, known=known)
        return found, campaign, event

    def all(self) -> list[EventKit]:
        """Every event of every campaign, the latest first."""
        found, _ = workspace.load(self._settings.workspace)
        with self._store.read() as tx:
            listed = summaries(tx, found)
            kits = [
                self._kit(tx, campaign, event, listed)
                for campaign in found.campaigns.values()
                for event in campaign.events.values()
            ]
        return sorted(kits, key=lambda each: each.event.start, reverse=True)

    def kit(self, ref: str) -> EventKit:
        found, campaign, event = self.find(ref)
        with self._store.read() as tx:
            return self._kit(tx, campaign, event, summaries(tx, found))

    def prepare(self, ref: str, *, by: str) -> list[Issue]:
        """Begin the letters that the event does not have yet; the new ones. Safe to repeat: a letter that is there stays."""
        _, campaign, event = self.find(ref)
        missing = self.kit(ref).missing
        drafts = [workspace.draft_letter(campaign, event, EventLetter(each)) for each in missing]
        for draft in drafts:
            self._save(draft, by=by)
        observing.observe(self._settings, self._store, self._clock)
        return drafts

    def tell(self, ref: str, *, by: str) -> Issue:
        """The draft that says what has changed, or that it is cancelled; the one that was begun, if any."""
        kit = self.kit(ref)
        if kit.offered is None:
            raise InputError("Nobody has a letter with another date or place: there is nothing to tell.")
        begun = [
            each.issue for each in kit.others if each.issue.event_letter == kit.offered and each.is_writable
        ]
        if begun:
            return begun[0]
        draft = workspace.draft_letter(kit.campaign, kit.event, kit.offered)
        self._save(draft, by=by)
        return draft

    def create(self, campaign: str, values: Mapping[str, object], *, by: str) -> str:
        """Write the file of a new event and begin its letters; `campaign/event`. Raises WorkspaceError for what is wrong."""
        found, _ = workspace.load(self._settings.workspace)
        chosen = found.campaigns.get(campaign)
        if chosen is None:
            raise InputError("Choose a campaign.")
        slug = free_slug(_slug(str(values.get("title", ""))), chosen.events)
        event = workspace.make_event(chosen, slug, values)
        workspace.create_event(self._settings.workspace, event, zone=chosen.zone)
        self._record("create-event", event, by)
        self.prepare(event.ref, by=by)
        return event.ref

    def change(
        self, ref: str, values: Mapping[str, object], *, by: str, base: str | None = None
    ) -> CalendarEvent:
        """Write these values over those of its file; what was planned with the former ones is held at once.

        `base`: the version that whoever asks has seen; raises ConflictError where the file is another one now.
        """
        found, campaign, event = self.find(ref)
        text = read_exactly(found.root / event.path)
        if base is not None and digest(text) != base:
            raise changed_underneath(found.root / event.path)
        changed = workspace.make_event(campaign, event.slug, workspace.file_values(event) | dict(values))
        workspace.save_event(found.root, changed, expected=text, zone=campaign.zone)
        act = "cancel-event" if changed.cancelled and not event.cancelled else "change-event"
        self._record(act, changed, by)
        observing.observe(self._settings, self._store, self._clock)
        return changed

    # --- inside -----------------------------------------------------------------------------------

    def _kit(
        self, tx: Tx, campaign: Campaign, event: CalendarEvent, every: Sequence[IssueSummary]
    ) -> EventKit:
        listed = [each for each in every if _is_about(each, campaign, event)]
        by_letter = {each.issue.event_letter: each for each in reversed(listed)}
        letters = tuple(
            KitLetter(each, planned_at(event, each), by_letter.get(each)) for each in event.letters
        )
        mine = {each.summary.ref for each in letters if each.summary}
        return EventKit(
            campaign=campaign,
            event=event,
            calendar_url=self._compiler.calendar_url(event),
            letters=letters,
            others=tuple(each for each in listed if each.ref not in mine),
            offered=_offered(tx, event),
            version=digest(read_exactly(self._settings.workspace / event.path)),
        )

    def _save(self, draft: Issue, *, by: str) -> None:
        workspace.save_issue(self._settings.workspace, draft)
        with self._store.write() as tx:
            acts.record(tx, at=self._clock.now(), by=by, act="prepare-event", object=draft.ref)

    def _record(self, act: str, event: CalendarEvent, by: str) -> None:
        with self._store.write() as tx:
            acts.record(tx, at=self._clock.now(), by=by, act=act, object=event.ref)


def _is_about(summary: IssueSummary, campaign: Campaign, event: CalendarEvent) -> bool:
    return summary.campaign.slug == campaign.slug and event.slug in summary.issue.events


def _offered(tx: Tx, event: CalendarEvent) -> EventLetter | None:
    """What must be told: the last letter about it that people have promises something else."""
    left = [
        promised
        for send, promised in calendar.sends_about(tx, event.campaign, event.slug, states=_LEFT)
        if send.started_at is not None
    ]
    if not left or left[-1][event.slug] == event.promise:
        return None
    return EventLetter.CANCELLED if event.cancelled else EventLetter.CHANGED


def _slug(title: str) -> str:
    """Words of the title that a file may be called by."""
    ascii_only = (
        unicodedata.normalize("NFKD", title.replace("’", "-")).encode("ascii", "ignore").decode().lower()
    )
    words = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")
    return words[:_MOST_LETTERS].rstrip("-") or "evenement"
