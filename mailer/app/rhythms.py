"""The rhythm of a campaign: once a letter has left, the next one is prepared; who writes is reminded before its hour.

What is prepared is a draft. It leaves when somebody has scheduled it, and never by itself.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from mailer import workspace
from mailer.app import issues as issue_lists
from mailer.app import slots
from mailer.app.composing import Composer
from mailer.app.editions import LOCAL_FORMAT
from mailer.app.issues import IssueSummary
from mailer.app.new_letters import begun
from mailer.app.reminders import Reminders
from mailer.app.versions import Change
from mailer.clock import Clock, local_date
from mailer.errors import Severity
from mailer.model.workspace import Campaign, Issue, Workspace
from mailer.providers import Outlet
from mailer.settings import Settings
from mailer.store import Store, acts, planned_days, sends
from mailer.workspace.saving import create_file

_log = structlog.get_logger()
#: Who prepared a letter, in the log of acts and among its versions.
BY = "Relais"


class Rhythms:
    """What the scheduler does for campaigns with a planned day. Safe to repeat, in any number of processes."""

    def __init__(
        self, settings: Settings, store: Store, clock: Clock, composer: Composer, provider: Outlet
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._composer = composer
        self._reminders = Reminders(settings, store, clock, provider)

    def tend(self) -> None:
        """Prepare and remind where it is time; what befalls one campaign keeps no other one waiting."""
        found, problems = workspace.load(self._settings.workspace)
        broken = {each.path for each in problems if each.severity is Severity.BLOCKING}
        for campaign in found.campaigns.values():
            if campaign.plan is None:
                continue
            try:
                self._prepare(found, campaign, broken)
                self._reminders.remind(campaign)
            except Exception as error:  # noqa: BLE001  # this campaign's edge: the next tick tries it again
                _log.error("rhythm failed", campaign=campaign.slug, reason=type(error).__name__)

    def unprepared(
        self, summaries: Sequence[IssueSummary], first: datetime, last: datetime
    ) -> list[slots.Slot]:
        """The planned hours to come, in this local time, that none of all these letters answers for."""
        found, _ = workspace.load(self._settings.workspace)
        now = self._clock.now().astimezone(ZoneInfo(self._settings.time_zone)).replace(tzinfo=None)
        with self._store.read() as tx:
            prepared = planned_days.prepared(tx)
        campaigns = found.campaigns.values()
        return slots.unprepared(campaigns, summaries, prepared, first=max(first, now), last=last)

    def _prepare(self, found: Workspace, campaign: Campaign, broken: set[Path | None]) -> None:
        """Write the letter of the next planned day, unless there is one; a broken frame waits to be mended."""
        frame, at = campaign.frame, self._next_hour(campaign)
        if frame is None or frame.path in broken or at is None:
            return
        with self._store.read() as tx:
            day = planned_days.find(tx, campaign.slug, at.date())
        if day is not None and day.prepared_at is not None:
            return
        issue = self._letter_of_week(found, campaign, at)
        is_written = issue is None and self._write(campaign, frame, at)
        issue = issue or _slug(at)
        with self._store.write() as tx:
            now = self._clock.now()
            is_first = planned_days.note_prepared(tx, campaign.slug, at.date(), issue=issue, at=now)
            if is_first and is_written:
                ref, detail = f"{campaign.slug}/{issue}", at.strftime(LOCAL_FORMAT)
                acts.record(tx, at=now, by=BY, act="prepare", object=ref, detail=detail)
        _log.info("letter prepared", campaign=campaign.slug, issue=issue, written=is_written)

    def _next_hour(self, campaign: Campaign) -> datetime | None:
        """The planned hour after the last departure; None before any, or once that hour is over."""
        assert campaign.plan is not None
        with self._store.read() as tx:
            left_at = sends.last_left_at(tx, campaign.slug)
        if left_at is None:
            return None
        at = slots.next_hour(campaign.plan, local_date(left_at, campaign.zone))
        now = self._clock.now().astimezone(ZoneInfo(campaign.zone)).replace(tzinfo=None)
        return at if now < at else None

    def _letter_of_week(self, found: Workspace, campaign: Campaign, at: datetime) -> str | None:
        """The letter that somebody has already made for that week."""
        with self._store.read() as tx:
            own = issue_lists.summaries(tx, replace(found, campaigns={campaign.slug: campaign}))
        week = slots.monday(at.date())
        for each in own:
            dated = each.local_at(campaign.zone)
            if dated is not None and not each.issue.erratum_of and slots.monday(dated.date()) == week:
                return each.issue.slug
        return None

    def _write(self, campaign: Campaign, frame: Issue, at: datetime) -> bool:
        """Make the file; False where another scheduler, or somebody, was quicker."""
        letter = begun(campaign, _slug(at), frame, at=at)
        text = workspace.write_issue(letter)
        try:
            create_file(workspace.issue_path(self._settings.workspace, campaign.slug, letter.slug), text)
        except FileExistsError:
            return False
        versions = self._composer.versions(letter.ref)
        with versions.locked():
            versions.note(text, at=self._clock.now(), by=BY, change=Change.CREATED)
        return True


def _slug(at: datetime) -> str:
    """The same from every scheduler, so that two of them cannot make two files."""
    return at.date().isoformat()
