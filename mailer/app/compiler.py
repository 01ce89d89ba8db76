"""Issues compiled in one confined process, which is started once and kept: its start takes ten times the work."""

from mailer import rendering, workspace
from mailer.model.calendar import CalendarEvent
from mailer.model.workspace import Campaign, Compiled, Issue, Workspace
from mailer.settings import Settings
from mailer.tokens import Purpose, Signer


class Compiler:
    """Safe to share between threads. The process starts at the first issue; `close` ends it."""

    def __init__(
        self, settings: Settings, signer: Signer, confinement: rendering.Confinement | None = None
    ) -> None:
        self._settings = settings
        self._signer = signer
        self._confinement = confinement or rendering.Confinement()

    def __call__(self, found: Workspace, campaign: Campaign, issue: Issue) -> Compiled:
        """The issue with its slots; raises WorkspaceError with everything that keeps it from being compiled."""
        links = {slug: self.calendar_url(event) for slug, event in campaign.events.items()}
        return rendering.compile_issue(
            workspace.with_events(issue, campaign, found.templates, links=links),
            campaign,
            found.templates,
            network=self._settings.network,
            base_url=self._settings.base_url,
            root=self._settings.workspace,
            confinement=self._confinement,
        )

    def calendar_url(self, event: CalendarEvent) -> str:
        """Where its calendar file is, always as the event is now; nobody guesses it, for it may be of members."""
        return f"{self._signer.url(self._settings.base_url, Purpose.EVENT, event.ref.encode())}.ics"

    def close(self) -> None:
        self._confinement.close()
