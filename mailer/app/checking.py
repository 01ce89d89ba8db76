"""`mailer check`: everything that is wrong in the workspace, from its files to the finished mails and what lies outside."""

from mailer import segments, workspace
from mailer.app import editions
from mailer.app.compiler import Compiler
from mailer.app.outside import Outside
from mailer.app.receivers import Receivers
from mailer.app.school_years import school_years
from mailer.clock import Clock, local_date
from mailer.errors import Problem, Severity, WorkspaceError
from mailer.model.workspace import Campaign, Issue, Workspace
from mailer.settings import Settings
from mailer.store import Store


class Checking:
    """One look at the whole workspace; with `look`, links and senders are asked for anew (seconds per issue)."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        clock: Clock,
        outside: Outside,
        receivers: Receivers,
        compiler: Compiler,
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._outside = outside
        self._receivers = receivers
        self._compiler = compiler

    def problems(self, *, look: bool = False) -> list[Problem]:
        found, problems = workspace.load(self._settings.workspace)
        problems += school_years(self._settings.workspace)[1]
        for segment in found.segments.values():
            problems += segments.check(segment) or segments.expand(segment, found.segments)[1]
        for campaign in found.campaigns.values():
            for issue in campaign.issues.values():
                problems += self._of_issue(found, campaign, issue, look=look)
            problems += self._outside.of_sender(campaign)
            problems += self._of_receivers(found, campaign)
        return problems

    def _of_issue(self, found: Workspace, campaign: Campaign, issue: Issue, *, look: bool) -> list[Problem]:
        try:
            ready = self._compiler(found, campaign, issue)
        except WorkspaceError as error:
            return list(error.problems)
        if look:
            self._outside.look(ready, campaign)
        preview = editions.previewed(self._settings, found, campaign, issue, ready)
        return [*preview.problems, *self._outside.of_links(ready, campaign, issue, found.templates)]

    def _of_receivers(self, found: Workspace, campaign: Campaign) -> list[Problem]:
        """Whose number a letter to the present audience would pass; a broken rule is told by itself."""
        segment = editions.sound_segment(found, campaign)
        if segment is None:
            return []
        day = local_date(self._clock.now(), campaign.zone)
        with self._store.read() as tx:
            audience = segments.resolve(tx, segment, topic=campaign.topic, day=day)
        return [
            Problem(
                code="large-receiver",
                message="{count} recipients have their mailbox at {receiver}, which asks for more above {above} a day.",
                remedy="What it asks for stands on the letter's page and in docs/reference/report.md.",
                values={
                    "count": each.count,
                    "receiver": each.receiver.name,
                    "above": each.receiver.above,
                },
                path=campaign.path,
                severity=Severity.WARNING,
                field="segment",
            )
            for each in self._receivers.over_in(audience.contact_ids)
        ]
