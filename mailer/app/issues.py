"""What the desk's lists say of each issue: the file's facts beside those of its latest send."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from mailer.model.ledger import Send, SendState
from mailer.model.mail import Kind
from mailer.model.workspace import Campaign, Issue, Workspace
from mailer.sending import MOVED, STAGED
from mailer.store import Tx, deliveries, events, sends, stages
from mailer.store.stages import StageCounts
from mailer.tracking import Complaints, complaints

#: The state of an issue that was never scheduled.
DRAFT = "draft"
#: The states in which the file decides what will leave; in any other a frozen copy does.
WRITABLE = frozenset({DRAFT, "cancelled", "missed"})


@dataclass(frozen=True, slots=True)
class IssueSummary:
    """One issue in a list. `state` is a SendState's value or `draft`; `counts` is delivery state -> number."""

    campaign: Campaign
    issue: Issue
    send: Send | None
    counts: dict[str, int]
    #: What became of the first copies, while the others wait for a person's look.
    stage: StageCounts | None = None
    #: Where they are worth a warning.
    complaints: Complaints | None = None
    #: Without one, the frozen copy is all there is.
    has_file: bool = True

    @property
    def ref(self) -> str:
        return self.issue.ref

    @property
    def state(self) -> str:
        return self.send.state if self.send else DRAFT

    @property
    def is_writable(self) -> bool:
        return self.state in WRITABLE

    @property
    def is_running(self) -> bool:
        return self.state in {SendState.STARTING, SendState.SENDING, SendState.SETTLING}

    @property
    def concluded(self) -> int:
        """Deliveries that need nothing more: neither planned nor on their way."""
        return sum(
            self.counts.get(state, 0)
            for state in ("accepted", "refused", "excluded", "in_doubt", "cancelled")
        )

    @property
    def departs_at(self) -> datetime | None:
        """When it leaves or left (UTC); for a draft the hour its file wishes is local and in `issue.send_at`."""
        return (self.send.started_at or self.send.send_at) if self.send else None

    def local_at(self, zone: str) -> datetime | None:
        """The naive local hour when it leaves, left, or wishes to leave."""
        if self.departs_at is not None:
            return self.departs_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        return self.issue.send_at


def summaries(tx: Tx, found: Workspace) -> list[IssueSummary]:
    """Every issue with its latest send and its deliveries counted by state; the latest departure first."""
    latest, told = sends.latest_by_ref(tx), events.sends_told_of(tx, Kind.COMPLAINT)
    summed = []
    for campaign in found.campaigns.values():
        for issue in campaign.issues.values():
            send = _standing(latest.get(issue.ref))
            summed.append(summary_of(tx, campaign, issue, send, told=told))
    return latest_first(summed)


def summary_of(
    tx: Tx, campaign: Campaign, issue: Issue, send: Send | None, *, told: Container[int]
) -> IssueSummary:
    """One letter with its send; `told`: the sends of which a complaint came."""
    counts = deliveries.counts(tx, send.id) if send and send.id is not None else {}
    complained = complaints.of_send(tx, send.id) if send and send.id and send.id in told else None
    return IssueSummary(campaign, issue, send, counts, _stage(tx, send), complained)


def latest_first(summed: Iterable[IssueSummary]) -> list[IssueSummary]:
    return sorted(summed, key=_when, reverse=True)


def _standing(send: Send | None) -> Send | None:
    """A departure that was taken back because its letter was dated anew says nothing of the letter any more."""
    is_moved = send is not None and send.state == SendState.CANCELLED and send.pause_reason == MOVED
    return None if is_moved else send


def _stage(tx: Tx, send: Send | None) -> StageCounts | None:
    rests = send is not None and send.state == SendState.PAUSED and send.pause_reason == STAGED
    return stages.counts(tx, send.id) if rests and send is not None and send.id is not None else None


def _when(summary: IssueSummary) -> str:
    wished = summary.issue.send_at
    if summary.departs_at is not None:
        return summary.departs_at.isoformat()
    return wished.isoformat() if wished else summary.issue.slug
