"""A letter moved to another day: a draft by the hour in its file, a scheduled one by the road of scheduling.

An approval holds for one hour. Where there is one, another hour voids it, and the letter waits for a new one.
"""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

import structlog

from mailer import freezing, sending
from mailer.app import editions, trials
from mailer.app.compiler import Compiler
from mailer.app.composing import Composer, Conflict, Writing
from mailer.app.departures import require_answer
from mailer.app.issues import WRITABLE
from mailer.clock import Clock, resolve_local
from mailer.errors import ConflictError, InputError, RefusedError, UnconfirmedError
from mailer.model.ledger import Approval, Send, SendState, Snapshot
from mailer.model.workspace import Campaign
from mailer.settings import Settings
from mailer.store import Store, Tx, acts, sends, snapshots

_log = structlog.get_logger()


class MoveOutcome(StrEnum):
    """How the letter stands after it was moved."""

    SCHEDULED = "moved"  # it leaves at the new hour
    DATED = "dated"  # a draft, as before
    VOIDED = "voided"  # its approval no longer holds: a draft, to be approved again


class Moves:
    """Moving letters between days. Safe to share between threads."""

    def __init__(
        self, settings: Settings, store: Store, clock: Clock, compiler: Compiler, composer: Composer
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._compiler = compiler
        self._composer = composer

    def approval(self, ref: str) -> Approval | None:
        """The approval of its present content that another hour would void."""
        with self._store.read() as tx:
            send = sends.latest(tx, ref)
            snapshot = self._snapshot(tx, ref, send)
            return _lost(tx, snapshot, "") if snapshot else None

    def move(self, ref: str, *, by: str, at: str, confirmed: bool = False) -> MoveOutcome:
        """Give the letter another local hour; raises RefusedError for one that leaves, has left or would in the past.

        Raises UnconfirmedError where an approval would be void and nobody has said that this is known.
        """
        _, campaign, _ = editions.find(self._settings, ref)
        local_at = editions.local_hour(at)
        send_at = resolve_local(editions.parse_hour(local_at), campaign.zone)
        if send_at < self._clock.now():
            raise RefusedError("{at} is in the past. Choose a later hour.", at=local_at)
        with self._store.read() as tx:
            send = sends.latest(tx, ref)
        if send is not None and send.state == SendState.SCHEDULED:
            outcome = self._move_send(ref, campaign, by=by, local_at=local_at, confirmed=confirmed)
        else:
            outcome = self._move_draft(ref, send, by=by, local_at=local_at, confirmed=confirmed)
        _log.info("letter moved", ref=ref, outcome=outcome.value)
        return outcome

    def _move_send(
        self, ref: str, campaign: Campaign, *, by: str, local_at: str, confirmed: bool
    ) -> MoveOutcome:
        """The frozen copy leaves at the new hour; where its approval is lost, it is a draft with the new hour."""
        now = self._clock.now()
        send_at = resolve_local(editions.parse_hour(local_at), campaign.zone)
        with self._store.write() as tx:
            sends.lock_issue(tx, ref)
            send = sends.latest(tx, ref)
            assert send is not None
            assert send.id is not None
            _require_still(ref, send, SendState.SCHEDULED)
            snapshot = snapshots.get(tx, send.snapshot_id)
            lost = _lost(tx, snapshot, local_at)
            _require_confirmed(lost, confirmed=confirmed)
            sending.set_aside(tx, send.id, at=now)
            if lost is None:
                require_answer(tx, campaign, snapshot, local_at)
                sending.schedule(
                    tx,
                    snapshot,
                    campaign=campaign,
                    send_at=send_at,
                    local_at=local_at,
                    by=by,
                    at=now,
                    usual_rate=trials.usual_rate(tx, campaign, at=now) if snapshot.second_subject else None,
                )
            acts.record(tx, at=now, by=by, act="move", object=ref, detail=local_at)
        if lost is None:
            return MoveOutcome.SCHEDULED
        try:
            self._date(ref, by=by, at=editions.parse_hour(local_at))
        except ConflictError as error:
            raise ConflictError(
                "{ref} no longer leaves: its approval does not hold for the new hour. But somebody changed the letter meanwhile, and the hour "
                "was not written into it. Try again.",
                ref=ref,
            ) from error
        return MoveOutcome.VOIDED

    def _move_draft(
        self, ref: str, send: Send | None, *, by: str, local_at: str, confirmed: bool
    ) -> MoveOutcome:
        if send is not None and (send.state not in WRITABLE or send.started_at is not None):
            raise _refused(ref, send)
        with self._store.read() as tx:
            snapshot = self._snapshot(tx, ref, send)
            lost = _lost(tx, snapshot, local_at) if snapshot else None
        _require_confirmed(lost, confirmed=confirmed)
        self._date(ref, by=by, at=editions.parse_hour(local_at))
        with self._store.write() as tx:
            now = self._clock.now()
            sends.lock_issue(tx, ref)
            latest = sends.latest(tx, ref)
            if latest is not None and latest.state == SendState.SCHEDULED:
                raise _refused(ref, latest)  # somebody scheduled it meanwhile, at an hour of their own
            if latest is not None and send is not None and latest.id == send.id and send.id is not None:
                sending.set_aside(tx, send.id, at=now)
            acts.record(tx, at=now, by=by, act="move", object=ref, detail=local_at)
        return MoveOutcome.VOIDED if lost else MoveOutcome.DATED

    def _date(self, ref: str, *, by: str, at: datetime) -> None:
        """Write the hour into the letter's file, as the composer does: the former file stays among its versions."""
        writing = Writing(by=by, page="", base=self._composer.begin(ref).version)
        saved = self._composer.save(ref, writing, lambda draft: replace(draft.issue, send_at=at))
        if isinstance(saved, Conflict):
            raise ConflictError(
                "Somebody changed {ref} meanwhile: its hour was not written. Try again.", ref=ref
            )

    def _snapshot(self, tx: Tx, ref: str, send: Send | None) -> Snapshot | None:
        """What was scheduled, or what freezing would store now; None where the letter is not complete."""
        if send is not None and send.state == SendState.SCHEDULED:
            return snapshots.get(tx, send.snapshot_id)
        try:
            found, campaign, issue = editions.find(self._settings, ref)
            ready = self._compiler(found, campaign, issue)
        except InputError:
            return None
        segment = editions.sound_segment(found, campaign)
        if segment is None:
            return None
        now = self._clock.now()
        return freezing.draft(
            tx, campaign=campaign, issue=issue, segment=segment, compiled=ready, at=now, by=""
        )


def _lost(tx: Tx, snapshot: Snapshot, local_at: str) -> Approval | None:
    """The approval of this content that does not hold for this hour."""
    standing = freezing.standing(tx, snapshot)
    holds = freezing.is_approved(tx, snapshot, local_at=local_at)
    return standing.last if standing.state is freezing.State.APPROVED and not holds else None


def _require_confirmed(lost: Approval | None, *, confirmed: bool) -> None:
    if lost is not None and not confirmed:
        raise UnconfirmedError(
            "The approval by {name} is for {at}. At another hour it no longer holds: the letter must be approved again.",
            wanted="approval",
            name=lost.approved_by,
            at=lost.local_at,
        )


def _require_still(ref: str, send: Send, state: SendState) -> None:
    if send.state != state:
        raise _refused(ref, send)


def _refused(ref: str, send: Send) -> RefusedError:
    return RefusedError("{ref} is {state}: it cannot be moved.", ref=ref, state=send.state)
