"""Departures whose letter has no file any more: deleted, renamed, or unreadable. A frozen copy leaves all the same.

So it is listed as long as it is on its way, and can be seen and stopped; what it says of itself is what was frozen.
"""

from collections.abc import Container
from dataclasses import replace
from pathlib import Path

from mailer.app.issues import IssueSummary, latest_first, summaries, summary_of
from mailer.model.ledger import ENDED, Send, SendState, Snapshot
from mailer.model.mail import Kind
from mailer.model.workspace import Campaign, Issue, Tracking, Workspace
from mailer.store import Tx, events, sends, snapshots

_GOING_ON = [each for each in SendState if each not in ENDED]


def with_departures(tx: Tx, found: Workspace) -> list[IssueSummary]:
    """Every letter of the workspace, and those departures; the latest first."""
    listed = summaries(tx, found)
    known = {each.ref for each in listed}
    others = [each for each in sends.in_states(tx, _GOING_ON) if f"{each.campaign}/{each.issue}" not in known]
    told = events.sends_told_of(tx, Kind.COMPLAINT) if others else ()
    return latest_first([*listed, *(_summary(tx, found, each, told) for each in others)])


def _summary(tx: Tx, found: Workspace, send: Send, told: Container[int]) -> IssueSummary:
    frozen = snapshots.get(tx, send.snapshot_id)
    campaign = found.campaigns.get(send.campaign) or _campaign(frozen, send.zone)
    path = campaign.path.with_name(f"{send.issue}.md")
    issue = Issue(
        campaign=send.campaign,
        slug=send.issue,
        subject=frozen.subject,
        path=path,
        preheader=frozen.preheader,
        number=frozen.number,
        erratum_of=frozen.erratum_of,
    )
    return replace(summary_of(tx, campaign, issue, send, told=told), has_file=False)


def _campaign(frozen: Snapshot, zone: str) -> Campaign:
    """What is known of a campaign whose folder is gone."""
    return Campaign(
        slug=frozen.campaign,
        title=frozen.title or frozen.campaign,
        path=Path("campaigns") / frozen.campaign / "campaign.toml",
        topic=frozen.topic,
        segment="",
        layout="",
        sender_name=frozen.sender_name,
        sender_address=frozen.sender_address,
        reply_to=frozen.reply_to,
        zone=zone,
        language=frozen.language,
        tracking=Tracking(frozen.tracking),
        members_only=frozen.members_only,
    )
