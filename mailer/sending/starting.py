"""Starting: who gets it is resolved and written to the ledger, in one transaction with the change of state.

Killed before its commit, nothing is written, and the send is picked up again if it is not too late.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from json.encoder import encode_basestring
from pathlib import Path

from mailer import segments
from mailer.clock import local_date
from mailer.errors import RefusedError
from mailer.failpoints import failpoint
from mailer.model.ledger import DeliveryState, Send, SendState, Snapshot
from mailer.model.people import TrackingConsent
from mailer.model.workspace import Tracking
from mailer.sending import audiences, events, subjects
from mailer.sending.scheduling import FOREIGN, RELEASED, slot_on
from mailer.store import Tx, installation, planning, send_secrets, sends, snapshots, stages
from mailer.store.planning import Planned, Recipient
from mailer.tokens import Signer


def start(
    tx: Tx, send_id: int, *, signer: Signer, state: Path, at: datetime, by_hand: bool = False
) -> SendState:
    """Bring a scheduled send to `sending`, with its ledger; or to `held` or `missed`. Gives the state it has now.

    `by_hand`: a person is there and asks for it now, so the hour does not matter; raises RefusedError where another letter
    has the campaign's day. Safe to call twice, from two processes: the change of state decides.
    """
    send = sends.get(tx, send_id)
    if not _is_ours(tx, send, state, at):
        sends.hold_all(tx, reason=FOREIGN, released=RELEASED)
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
    moved = {"slot": slot_on(tx, send, local_date(at, send.zone))} if by_hand else {}
    if not sends.transition(tx, send_id, before=[SendState.SCHEDULED], after=SendState.STARTING, **moved):
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
    people = partial(planning.recipients, tx, audience.contact_ids, day=day, cohort=cohort)
    if send.members_only:
        _refuse_non_members(send, people())
    halves = _halves(tx, send, snapshot, people, signer)
    ledger = _Ledger(send, snapshot, halves, signer)
    planning.insert(tx, ledger.rows(people()))
    if send.tracking == Tracking.ANONYMOUS:
        send_secrets.draw(tx, send.id)
    failpoint("starting-during")
    sends.transition(
        tx,
        send.id,
        before=[SendState.STARTING],
        after=SendState.SENDING,
        audience_hash=ledger.audience_hash,
        planned=ledger.planned,
        stage_until=stages.last_of_first(tx, send.id, count=send.staged),
        cohorts=halves.cohorts,
        split_above=send.split_above if halves.is_trial else 0,
        left_out=audience.excluded,
        started_at=at,
    )


def _refuse_non_members(send: Send, people: Iterable[Recipient]) -> None:
    """The second members-only layer; the ledger's own constraint would stop them too."""
    strangers = sum(person.membership_id is None for person in people)
    if strangers:
        raise RefusedError(
            "{ref} is for members only, but its audience holds {count} people without membership: nothing was sent.",
            ref=f"{send.campaign}/{send.issue}",
            count=strangers,
        )


def _measures(snapshot: Snapshot, answer: str) -> bool:
    """Whether the copy of somebody who gave that answer is measured."""
    if snapshot.tracking == Tracking.CONSENTED:
        return answer == TrackingConsent.GRANTED
    return snapshot.tracking == Tracking.ANONYMOUS and answer != TrackingConsent.DENIED


@dataclass(frozen=True, slots=True)
class _Halves:
    """Who has the second subject, whether that is a trial, and the cohorts that the measure tells apart."""

    seconds: set[int]
    is_trial: bool
    cohorts: list[str]

    @property
    def names(self) -> int:
        """Of cohorts; in a trial each stands there twice."""
        return len(self.cohorts) // 2 if self.is_trial else len(self.cohorts)


def _halves(
    tx: Tx, send: Send, snapshot: Snapshot, people: Callable[[], Iterable[Recipient]], signer: Signer
) -> _Halves:
    """`people` begins anew at each call: nobody is kept in memory, and most letters need none of these looks."""
    assert send.id is not None

    def measured() -> Iterator[Recipient]:
        return (person for person in people() if _measures(snapshot, person.tracking))

    is_trial = bool(send.split_above) and subjects.has_enough(send, sum(1 for _ in measured()))
    key = signer.delivery_keys(send.id)
    keys = ((each.contact_id, key(each.contact_id)) for each in people())
    seconds = subjects.split(tx, snapshot, keys, signer=signer, is_trial=is_trial)
    grouped = measured() if snapshot.cohort else ()
    return _Halves(seconds, is_trial, subjects.cohort_names(grouped, seconds, is_trial=is_trial))


class _Ledger:
    """The rows of one send, and what is said of all of them: made one by one, so that no audience is kept in memory."""

    def __init__(self, send: Send, snapshot: Snapshot, halves: _Halves, signer: Signer) -> None:
        assert send.id is not None
        self._send_id, self._members_only = send.id, send.members_only
        self._snapshot = snapshot
        self._halves = halves
        self._cohorts = {name: place for place, name in enumerate(halves.cohorts[: halves.names])}
        self._key = signer.delivery_keys(send.id)
        self._addresses = hashlib.sha256()
        self.planned = 0

    @property
    def audience_hash(self) -> str:
        """Of the addresses, one a line."""
        return self._addresses.hexdigest()

    def rows(self, people: Iterable[Recipient]) -> Iterator[Planned]:
        """A row for each person, counted."""
        # A link that is counted names a person: only for those who agreed (rules P14), and never where the measure
        # is anonymous, for a click would tell who had opened.
        tracks = self._snapshot.tracking == Tracking.CONSENTED
        measured = {each.value: _measures(self._snapshot, each.value) for each in TrackingConsent}
        for person in people:
            self._addresses.update(
                f"\n{person.address}".encode() if self.planned else person.address.encode()
            )
            self.planned += 1
            is_measured = measured[person.tracking]
            is_second = person.contact_id in self._halves.seconds
            yield Planned(
                self._send_id,
                person.contact_id,
                person.address,
                self._members_only,
                person.membership_id,
                DeliveryState.PLANNED.value,
                self._key(person.contact_id),
                _merge(person),
                person.language,
                is_measured,
                is_measured and tracks,
                is_second,
                self._cohorts.get(person.cohort, 0) + self._beyond(is_second),
            )

    def _beyond(self, is_second: bool) -> int:
        """In a trial the cohorts of the second subject come after those of the first."""
        return self._halves.names if self._halves.is_trial and is_second else 0


def _merge(person: Recipient) -> str:
    """The JSON that `to_json` would write, put together: it is the same object a million times."""
    first, last, body = map(encode_basestring, (person.first_name, person.last_name, person.organisation))
    return f'{{"first_name": {first}, "last_name": {last}, "organisation": {body}}}'
