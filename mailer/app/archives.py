"""The archive of a campaign: what left, for everybody to read; never anything that was for members."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from mailer import rendering, workspace
from mailer.app.insiders import is_for_members
from mailer.clock import local_date
from mailer.errors import NotFoundError
from mailer.model.workspace import Campaign, Workspace
from mailer.settings import Settings
from mailer.store import Store, archives
from mailer.store.archives import Sent
from mailer.tokens import Signer


@dataclass(frozen=True, slots=True)
class ArchivedLetter:
    """One letter that has left. `day` is the one on which it did, in the campaign's zone."""

    sent: Sent
    day: date

    @property
    def subject(self) -> str:
        return rendering.generic_text(self.sent.subject)

    @property
    def preheader(self) -> str:
        return rendering.generic_text(self.sent.preheader)


@dataclass(frozen=True, slots=True)
class Archive:
    """A campaign that everybody may read, and its letters, the latest first."""

    campaign: Campaign
    letters: Sequence[ArchivedLetter]
    url: str

    @property
    def feed(self) -> str:
        return f"{self.url}/atom.xml"

    def by_year(self) -> dict[int, list[ArchivedLetter]]:
        """Year -> letters, both the latest first."""
        found: dict[int, list[ArchivedLetter]] = {}
        for each in self.letters:
            found.setdefault(each.day.year, []).append(each)
        return found

    def letter_url(self, letter: ArchivedLetter) -> str:
        return f"{self.url}/{letter.sent.issue}"

    def find(self, issue: str) -> ArchivedLetter:
        """Raises NotFoundError for a letter that has not left, is not of this campaign, or was for members."""
        for each in self.letters:
            if each.sent.issue == issue:
                return each
        raise NotFoundError("There is no such letter in this archive.")


def open_archive(settings: Settings, store: Store, slug: str) -> Archive:
    """The archive; raises NotFoundError, the same for a campaign without one and for one that is not there."""
    found, _ = workspace.load(settings.workspace)
    campaign = found.campaigns.get(slug)
    if campaign is None or not is_public(found, campaign):
        raise NotFoundError("There is no such archive here.")
    with store.read() as tx:
        left = archives.letters(tx, slug)
    letters = [ArchivedLetter(each, local_date(each.started_at, campaign.zone)) for each in left]
    return Archive(campaign, letters, f"{settings.base_url}/archive/{slug}")


def is_public(found: Workspace, campaign: Campaign) -> bool:
    """Neither the campaign nor the rule of its audience is for members only."""
    is_known = campaign.segment in found.segments
    return campaign.has_archive and is_known and not is_for_members(found, campaign)


def letter_id(signer: Signer, sent: Sent) -> str:
    """What a feed calls a letter: the same for ever, wherever the archive moves (RFC 4287 §4.2.6)."""
    digest = signer.digest("archive", f"{sent.campaign}/{sent.issue}".encode())
    return UUID(bytes=digest[:16], version=4).urn


def feed_id(signer: Signer, campaign: str) -> str:
    return UUID(bytes=signer.digest("archive", campaign.encode())[:16], version=4).urn
