"""Whether two subjects of a letter could be told apart: asked while it is written, and when it is scheduled."""

from datetime import datetime

from mailer import reporting, sending
from mailer.app import editions
from mailer.clock import Clock, local_date
from mailer.errors import InputError, WorkspaceError
from mailer.model.workspace import Campaign, Issue, Tracking, Workspace
from mailer.sending import Addressing, Trial
from mailer.settings import Settings
from mailer.store import Store, Tx


def usual_rate(tx: Tx, campaign: Campaign, *, at: datetime) -> float | None:
    """What the campaign's letters of the last twelve months were opened by, in its present mode; None where none was measured."""
    since = reporting.year_before(at, campaign.zone)
    found = reporting.letters(tx, campaign=campaign.slug, since=since)
    return reporting.usual_rate(found, tracking=campaign.tracking, at=at, zone=campaign.zone)


def foresee(
    settings: Settings, store: Store, clock: Clock, *, found: Workspace, campaign: Campaign, issue: Issue
) -> Trial | None:
    """What two subjects of this letter could tell today; None for an erratum, and where its audience is not known yet."""
    if issue.erratum_of or campaign.segment not in found.segments:
        return None
    tracking = Tracking.NONE if issue.asks_consent else campaign.tracking
    try:
        segment = editions.whole_segment(found, campaign.segment)
    except (InputError, WorkspaceError):
        return None
    at = clock.now()
    to = Addressing(campaign.slug, campaign.topic, segment, campaign.members_only)
    with store.read(unhurried=True) as tx:
        people = (
            sending.addressed(tx, to, day=local_date(at, campaign.zone)) if tracking != Tracking.NONE else []
        )
        return sending.trial(tx, people, tracking=tracking, usual_rate=usual_rate(tx, campaign, at=at))
