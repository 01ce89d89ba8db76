"""Starting: who gets it is resolved and written to the ledger, in one transaction with the change of state.

Killed before its commit, nothing is written, and the send is picked up again if it is not too late.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mailer import segments
from mailer.clock import local_date
from mailer.errors import RefusedError
from mailer.failpoints import failpoint
from mailer.model.ledger import DeliveryState, Send, SendState, Snapshot
from mailer.model.people import TrackingConsent
from mailer.model.workspace import Tracking
from mailer.sending import audiences, events, subjects
from mailer.sending.scheduling import FOREIGN, RELEASED
from mailer.store import Tx, installation, planning, sends, snapshots, stages
from mailer.store.planning import Recipient
from mailer.tokens import Signer


def start(
    tx: Tx, send_id: int, *, signer: Signer, state: Path, at: datetime, by_hand: bool = False
) -> SendState:
    """Bring a scheduled send to `sending`, with its ledger; or to `held` or `missed`. Gives the state it has now.

    `by_hand`: a person is there and asks for it now, so the hour does not matter. Safe to call twice, from two
    processes: the change of state decides.
    """
    send = sends.get(tx, send_id)
    if not _is_ours(tx, send, state, at):
        sends.hold_all(tx, reason=FOREIGN)
        return SendState(sends.get(tx, send_id).state)
    if send.state != SendState.SCHEDULED:
        return SendState(send.state)
    late = at - send.send_at > timedelta(seconds=send.max_lateness_seconds)
    if late and not by_hand:
        sends.transition(
            tx, send_id, before=[SendState.SCHEDULED], after=SendState.MISSED, pause_reason="too-late"
        )
        return SendState.MISSED
    if events.is_outdated(tx, send):
        events.hold(tx, send_id)
        return SendState.HELD
    failpoint("starting-before")
    if not sends.transition(tx, send_id, before=[SendState.SCHEDULED], after=SendState.STARTING):
        return SendState(sends.get(tx, send_id).state)
    _write_ledger(tx, send, snapshots.get(tx, send.snapshot_id), signer=signer, at=at)
    return SendState.SENDING


def _is_ours(tx: Tx, send: Send, state: Path, at: datetime) -> bool:
    """Asked at every run: a database that was copied in the middle of a send must not go on with it either."""
    ours, released = installation.is_ours(tx, state, at=at), send.pause_reason == RELEASED
    if released:
        assert send.id is not None
        now = SendState(send.state)
        sends.transition(tx, send.id, before=[now], after=now, pause_reason="")
        if not ours:
            # Everything else was held when the difference was found, and waits for a decision of its own.
            installation.adopt(tx, state, at=at)
    return ours or released


def _write_ledger(tx: Tx, send: Send, snapshot: Snapshot, *, signer: Signer, at: datetime) -> None:
    assert send.id is not None
    # Memberships begin and end with days, as people here count them.
    day = local_date(at, send.zone)
    audience = audiences.of_snapshot(tx, snapshot, day=day)
    cohort = segments.field_expression(snapshot.cohort, day) if snapshot.cohort else None
    people = list(planning.recipients(tx, audience.contact_ids, day=day, cohort=cohort))
    _refuse_non_members(send, people)
    halves = _halves(tx, send, snapshot, people, signer)
    planning.insert(tx, [_row(send, snapshot, person, halves, signer) for person in people])
    failpoint("starting-during")
    sends.transition(
        tx,
        send.id,
        before=[SendState.STARTING],
        after=SendState.SENDING,
        audience_hash=hashlib.sha256("\n".join(person.address for person in people).encode()).hexdigest(),
        planned=len(people),
        stage_until=stages.last_of_first(tx, send.id, count=send.staged),
        cohorts=halves.cohorts,
        split_above=send.split_above if halves.is_trial else 0,
        left_out=audience.excluded,
        started_at=at,
    )


def _refuse_non_members(send: Send, people: list[Recipient]) -> None:
    """The second members-only layer; the ledger's own constraint would stop them too."""
    strangers = sum(person.membership_id is None for person in people)
    if send.members_only and strangers:
        raise RefusedError(
            "{ref} is for members only, but its audience holds {count} people without membership: nothing was sent.",
            ref=f"{send.campaign}/{send.issue}",
            count=strangers,
        )


def _measured(snapshot: Snapshot, person: Recipient) -> bool:
    if snapshot.tracking == Tracking.CONSENTED:
        return person.tracking == TrackingConsent.GRANTED
    return snapshot.tracking == Tracking.ANONYMOUS and person.tracking != TrackingConsent.DENIED


@dataclass(frozen=True, slots=True)
class _Halves:
    """Who has the second subject, whether that is a trial, and the cohorts that the measure tells apart."""

    seconds: set[int]
    is_trial: bool
    cohorts: list[str]

    def cohort(self, person: Recipient) -> int:
        names = len(self.cohorts) // 2 if self.is_trial else len(self.cohorts)
        own = self.cohorts.index(person.cohort, 0, names) if person.cohort in self.cohorts else 0
        return own + (names if self.is_trial and person.contact_id in self.seconds else 0)


def _halves(tx: Tx, send: Send, snapshot: Snapshot, people: list[Recipient], signer: Signer) -> _Halves:
    assert send.id is not None
    measured = [person for person in people if _measured(snapshot, person)]
    is_trial = subjects.has_enough(send, len(measured))
    keys = ((each.contact_id, signer.delivery_key(send.id, each.contact_id)) for each in people)
    seconds = subjects.split(tx, snapshot, keys, signer=signer, is_trial=is_trial)
    return _Halves(seconds, is_trial, subjects.cohort_names(measured, seconds, is_trial=is_trial))


def _row(
    send: Send, snapshot: Snapshot, person: Recipient, halves: _Halves, signer: Signer
) -> dict[str, Any]:
    assert send.id is not None
    measured = _measured(snapshot, person)
    return {
        "send_id": send.id,
        "contact_id": person.contact_id,
        "address": person.address,
        "members_only": send.members_only,
        "membership_id": person.membership_id,
        "state": DeliveryState.PLANNED.value,
        "key": signer.delivery_key(send.id, person.contact_id),
        "merge": {
            "first_name": person.first_name,
            "last_name": person.last_name,
            "organisation": person.organisation,
        },
        "language": person.language,
        "measured": measured,
        # A link that is counted names a person: only for those who agreed (rules P14), and never where the measure
        # is anonymous, for a click would tell who had opened.
        "tracked": measured and snapshot.tracking == Tracking.CONSENTED,
        "second_subject": person.contact_id in halves.seconds,
        "cohort": halves.cohort(person),
        "epoch": 0,
        "owner": "",
        "attempts": 0,
        "request_hash": "",
        "reason": "",
    }
