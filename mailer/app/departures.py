"""Departures: who an issue would go to, its approval, and its schedule; frozen here, sent by `sending`."""

from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from mailer import freezing, sending
from mailer.app import editions, observing, trials
from mailer.app.compiler import Compiler
from mailer.app.editions import Edition
from mailer.app.outside import Outside
from mailer.clock import Clock, local_date, resolve_local
from mailer.errors import RefusedError
from mailer.model.ledger import Send, SendState, Snapshot
from mailer.model.segment import Audience
from mailer.model.workspace import Campaign, Issue, Workspace
from mailer.sending import UNATTENDED, Answers, Foreseen, Pressure, Trial
from mailer.settings import Settings
from mailer.store import Store, Tx, acts, sends, snapshots

#: Who did what is in the ledger's acts; a log names nobody.
_log = structlog.get_logger()


class Departures:
    """What is decided before a send begins. Safe to share between threads."""

    def __init__(
        self, settings: Settings, store: Store, clock: Clock, outside: Outside, compiler: Compiler
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._outside = outside
        self._compiler = compiler

    def approve(self, ref: str, *, by: str, at: str | None = None) -> Snapshot:
        """Say yes to content, audience rule, sender and hour; any later change voids it."""
        seen = observing.last_seen(self._store)
        edition = editions.sendable(self._settings, ref, self._outside, self._compiler)
        local_at = editions.local_hour(at or editions.wished_hour(edition.issue))
        with self._store.write() as tx:
            snapshot = self._freeze(tx, edition, seen, by=by)
            freezing.approve(tx, snapshot, local_at=local_at, by=by, at=self._clock.now())
            acts.record(tx, at=self._clock.now(), by=by, act="approve", object=ref, detail=local_at)
        return snapshot

    def foresee(self, ref: str, *, language: str | None = None) -> Foreseen:
        """Who the issue would go to now, and what a person is asked before it leaves."""
        found, campaign, issue = editions.find(self._settings, ref)
        day = local_date(self._clock.now(), campaign.zone)
        with self._store.read() as tx:
            return sending.foresee(
                tx,
                campaign,
                editions.whole_segment(found, campaign.segment),
                day=day,
                language=language or self._settings.language,
                erratum_of=issue.erratum_of,
                asks=issue.asks_consent,
            )

    def pressure(
        self, ref: str, *, at: str | None = None, audience: Audience | None = None
    ) -> Pressure | None:
        """Who would get too many mails in seven days if the issue left then; None where few enough would.

        Without `at`, the hour that its file wishes; a letter without one, or with one in the past, is looked at for
        today. `audience`: whom it goes to, where that is known already.
        """
        campaign, issue = editions.find(self._settings, ref)[1:]
        today = local_date(self._clock.now(), campaign.zone)
        wished = editions.parse_hour(editions.local_hour(at)).date() if at else None
        if wished is None and issue.send_at is not None:
            wished = issue.send_at.date()
        audience = audience or self.foresee(ref).audience
        limits = self._settings.pressure
        with self._store.read(unhurried=True) as tx:
            return sending.foresee_pressure(
                tx,
                audience.contact_ids,
                on=max(wished or today, today),
                limit=limits.per_week,
                bearable=limits.people,
                zone=campaign.zone,
                but=ref,
            )

    def schedule(
        self,
        ref: str,
        *,
        by: str,
        at: str | None = None,
        now: bool = False,
        answers: Answers = UNATTENDED,
    ) -> Send:
        """Freeze the issue and schedule it: at a local hour `2026-06-11 09:00`, the hour its file wishes, or now.

        Raises WorkspaceError for what preflight blocks, UnconfirmedError where `answers` lack what a person must
        say, RefusedError for a voided approval, an issue already on its way or a day already taken.
        """
        seen = observing.last_seen(self._store)
        # Compiled before the transaction begins: nobody else may write while one is open.
        edition = editions.sendable(self._settings, ref, self._outside, self._compiler)
        local_at, send_at = self._hour(edition.campaign, edition.issue, at=at, now=now)
        if answers.say_something:
            sending.require(self.foresee(ref), answers)
        with self._store.write() as tx:
            # Before the answers are read: a reader's no is seen here, or sees the departure.
            sends.lock_issue(tx, ref)
            snapshot = self._freeze(tx, edition, seen, by=by)
            _require_approval(tx, edition.campaign, snapshot, local_at)
            send = sending.schedule(
                tx,
                snapshot,
                campaign=edition.campaign,
                send_at=send_at,
                local_at=local_at,
                by=by,
                at=self._clock.now(),
                usual_rate=self._usual_rate(tx, snapshot, edition.campaign),
            )
            acts.record(tx, at=self._clock.now(), by=by, act="schedule", object=ref, detail=local_at)
        _log.info("send schedule", send=send.id)
        return send

    def require_now(self, send: Send) -> None:
        """What is scheduled for later may leave at this moment instead; raises RefusedError where that voids its approval."""
        if send.state != SendState.SCHEDULED or send.send_at <= self._clock.now():
            return
        campaign = editions.find(self._settings, f"{send.campaign}/{send.issue}")[1]
        with self._store.read() as tx:
            _require_approval(tx, campaign, snapshots.get(tx, send.snapshot_id), self._present(campaign))

    def _present(self, campaign: Campaign) -> str:
        return self._clock.now().astimezone(ZoneInfo(campaign.zone)).strftime(editions.LOCAL_FORMAT)

    def _usual_rate(self, tx: Tx, snapshot: Snapshot, campaign: Campaign) -> float | None:
        """Asked for a letter with two subjects alone."""
        return trials.usual_rate(tx, campaign, at=self._clock.now()) if snapshot.second_subject else None

    def trial(self, found: Workspace, campaign: Campaign, issue: Issue) -> Trial | None:
        """What two subjects of this letter could tell today."""
        return trials.foresee(
            self._settings, self._store, self._clock, found=found, campaign=campaign, issue=issue
        )

    def _hour(self, campaign: Campaign, issue: Issue, *, at: str | None, now: bool) -> tuple[str, datetime]:
        if now:
            return self._present(campaign), self._clock.now()
        local_at = editions.local_hour(at or editions.wished_hour(issue))
        send_at = resolve_local(editions.parse_hour(local_at), campaign.zone)
        if send_at < self._clock.now():
            raise RefusedError("{at} is in the past. Give a later hour, or send now.", at=local_at)
        return local_at, send_at

    def _freeze(self, tx: Tx, edition: Edition, seen: observing.Seen, *, by: str) -> Snapshot:
        for slug in edition.issue.events:
            observing.note(tx, edition.campaign.events[slug], seen, clock=self._clock)
        return freezing.freeze(
            tx,
            campaign=edition.campaign,
            issue=edition.issue,
            segment=edition.segment,
            compiled=edition.compiled,
            state=self._settings.state,
            at=self._clock.now(),
            by=by,
        )


def _require_approval(tx: Tx, campaign: Campaign, snapshot: Snapshot, local_at: str) -> None:
    """It may leave at this hour: approved where that is asked for, and not approved for something else."""
    require_answer(tx, campaign, snapshot, local_at)
    if freezing.is_voided(tx, snapshot, local_at=local_at):
        raise RefusedError(
            "{ref} was approved, but its content, audience, sender or hour changed since. Approve it again.",
            ref=f"{snapshot.campaign}/{snapshot.issue}",
        )


def require_answer(tx: Tx, campaign: Campaign, snapshot: Snapshot, local_at: str) -> None:
    """Nobody has refused this content; where the campaign asks for it, somebody has approved it for this hour."""
    ref, no = f"{snapshot.campaign}/{snapshot.issue}", freezing.refusal(tx, snapshot)
    if no is not None:
        raise RefusedError(
            "{ref} was refused by {name}. Change it, or approve it all the same.",
            ref=ref,
            name=no.approved_by,
        )
    if campaign.approval and not freezing.is_approved(tx, snapshot, local_at=local_at):
        if freezing.standing(tx, snapshot).state is freezing.State.NONE:
            raise RefusedError("{ref} needs an approval before it leaves. Have it approved first.", ref=ref)
        raise RefusedError(
            "{ref} is not approved as it is now, for {at}. Approve it again.", ref=ref, at=local_at
        )
