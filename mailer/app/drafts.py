"""A draft: an issue's file as it stands, and what it says."""

from dataclasses import dataclass

from mailer.model.workspace import Campaign, Issue, Workspace
from mailer.workspace.saving import digest


@dataclass(frozen=True, slots=True)
class Draft:
    """One issue read for writing. `campaign` holds this very issue, whatever the disk says meanwhile."""

    workspace: Workspace
    campaign: Campaign
    issue: Issue
    text: str

    @property
    def version(self) -> str:
        """What a page remembers of the file that it was made from."""
        return digest(self.text)

    @property
    def is_frame(self) -> bool:
        """Whether it is what letters begin as, and no letter itself."""
        return self.campaign.plan is not None and self.campaign.plan.frame == self.issue.slug
