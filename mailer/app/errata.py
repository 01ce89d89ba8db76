"""The draft of an erratum: a file to fill in, for those who have a copy of a faulty letter."""

from datetime import datetime

from mailer import sending, workspace
from mailer.app import editions
from mailer.model.workspace import Campaign, Issue
from mailer.settings import Settings
from mailer.store import Store, Tx, acts, sends


def prepare_erratum(settings: Settings, store: Store, ref: str, *, by: str, at: datetime) -> Issue:
    """The draft of an erratum of this letter, written into its campaign's folder; the one that was begun, if any.

    Raises RefusedError where nobody has a copy of the letter.
    """
    _, campaign, issue = editions.find(settings, ref)
    with store.read() as tx:
        sending.require_copies(tx, campaign=campaign.slug, faulty=issue.slug)
        begun = _begun(tx, campaign, issue)
    if begun is not None:
        return begun
    draft = workspace.draft_erratum(campaign, issue)
    workspace.save_issue(settings.workspace, draft)
    with store.write() as tx:
        acts.record(tx, at=at, by=by, act="prepare-erratum", object=ref, detail=draft.ref)
    return draft


def _begun(tx: Tx, campaign: Campaign, issue: Issue) -> Issue | None:
    """An erratum of the issue that was never scheduled: pressing twice makes no second one."""
    errata = (each for each in campaign.issues.values() if each.erratum_of == issue.slug)
    return next((each for each in errata if sends.latest(tx, each.ref) is None), None)
