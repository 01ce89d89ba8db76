"""Issues compiled in one confined process, which is started once and kept: its start takes ten times the work."""

from mailer import rendering
from mailer.model.workspace import Campaign, Compiled, Issue, Workspace
from mailer.settings import Settings


class Compiler:
    """Safe to share between threads. The process starts at the first issue; `close` ends it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._confinement = rendering.Confinement()

    def __call__(self, found: Workspace, campaign: Campaign, issue: Issue) -> Compiled:
        """The issue with its slots; raises WorkspaceError with everything that keeps it from being compiled."""
        return rendering.compile_issue(
            issue,
            campaign,
            found.templates,
            network=self._settings.network,
            base_url=self._settings.base_url,
            root=self._settings.workspace,
            confinement=self._confinement,
        )

    def close(self) -> None:
        self._confinement.close()
