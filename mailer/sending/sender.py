"""What a process does with sends: start what is due, hand over, settle, conclude. Safe to run anywhere, any number of times."""

import os
import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from mailer.addresses import domain
from mailer.clock import Clock
from mailer.errors import MailerError, StoreError
from mailer.i18n import note
from mailer.model.ledger import Send, SendState
from mailer.providers import Provider
from mailer.providers.rates import parse_rate
from mailer.sending import settling
from mailer.sending.copies import CopyRoom
from mailer.sending.loop import Loop
from mailer.sending.outcomes import repeatable_after
from mailer.sending.progress import Progress, SendSummary
from mailer.sending.starting import start
from mailer.sending.stock import Stock
from mailer.sending.waiting import Wait
from mailer.settings import Settings
from mailer.store import Store, deliveries, installation, sends, snapshots
from mailer.tokens import Signer, random_text

_log = structlog.get_logger()


class Sender:
    """Hands sends over to one provider. Two senders at once, in one process or several, harm nothing."""

    def __init__(
        self,
        *,
        store: Store,
        settings: Settings,
        signer: Signer,
        clock: Clock,
        provider: Provider,
        stopping: threading.Event | None = None,
    ) -> None:
        self._store = store
        self._settings = settings
        self._signer = signer
        self._clock = clock
        self._provider = provider
        self._stopping = stopping or threading.Event()
        self._busy: set[int] = set()
        self._lock = threading.Lock()
        self._wait = Wait()
        self._mark = installation.Mark(settings.state)
        #: When the last secret went of which no file holds anything any more.
        self._forgotten: datetime | None = None

    def run(
        self, send_id: int, *, progress: Callable[[Progress], None] | None = None, start_now: bool = False
    ) -> SendSummary:
        """Bring one send as far as it can go now; blocks. Call it again after a crash, from any process.

        `start_now`: a person asks for it, so a missed hour does not matter. Raises StoreError when the database
        refuses: nothing leaves whose intent could not be written.
        """
        with self._store.write() as tx:
            before = sends.get(tx, send_id).state
            state = start(
                tx,
                send_id,
                signer=self._signer,
                state=self._settings.state,
                at=self._clock.now(),
                by_hand=start_now,
            )
        installation.confirm(self._store, self._settings.state)
        self._log_change(send_id, before, state)
        if state is SendState.SENDING or (state is SendState.SETTLING and self._reopen(send_id)):
            self._hand_over(send_id, progress)
        elif state in {SendState.PAUSED, SendState.CANCELLED}:
            with self._store.write() as tx:
                settling.tidy(tx, send_id, at=self._clock.now())
        return self._settle(send_id)

    def settle(self, send_id: int) -> SendSummary:
        """Ask the provider about doubts that are old enough, where it can be asked; hands nothing over."""
        return self._settle(send_id)

    def run_due(self) -> list[SendSummary]:
        """One tick: look after every send that is due or was begun, one after the other.

        A send that another thread of this process looks after is left alone. A failing send does not keep the others
        from leaving.
        """
        with self._store.read() as tx:
            at, caps = self._clock.now(), self._provider.caps
            old = at - caps.resolve_settle if caps.can_resolve else None
            waiting = sends.to_look_after(tx, at=at, doubtful_before=old)
        summaries = []
        for send_id in waiting:
            if not self._stopping.is_set() and self._take(send_id):
                try:
                    summaries.append(self.run(send_id))
                except StoreError:
                    raise
                except MailerError as error:
                    _log.error("send failed", send=send_id, reason=str(error))
                    self._hold(send_id, error)
                except Exception as failure:  # noqa: BLE001  # a mistake of ours must not keep the others either
                    _log.error("send failed", send=send_id, failure=type(failure).__name__)
                finally:
                    self._busy.discard(send_id)
        self._forget()
        return summaries

    def _take(self, send_id: int) -> bool:
        with self._lock:
            if send_id in self._busy:
                return False
            self._busy.add(send_id)
            return True

    def _hold(self, send_id: int, error: MailerError) -> None:
        """A send that cannot start, or go on, waits for a person, with the reason."""
        reason = note(error)
        with self._store.write() as tx:
            sends.transition(
                tx, send_id, before=[SendState.SCHEDULED], after=SendState.HELD, pause_reason=reason
            )
            sends.pause_running(tx, send_id, reason=reason)

    def _reopen(self, send_id: int) -> bool:
        at = self._clock.now()
        with self._store.write() as tx:
            return settling.reopen(
                tx,
                send_id,
                repeatable_after=repeatable_after(self._provider, at),
                settling=self._wait_for_doubts,
                at=at,
            )

    @property
    def _wait_for_doubts(self) -> timedelta:
        return timedelta(hours=self._settings.settling_hours)

    def _hand_over(self, send_id: int, progress: Callable[[Progress], None] | None) -> None:
        with self._store.read() as tx:
            send = sends.get(tx, send_id)
            snapshot = snapshots.get(tx, send.snapshot_id)
        per_second = parse_rate(self._settings.provider.rate).per_second
        stock = Stock(
            copies=CopyRoom(send, snapshot, settings=self._settings, signer=self._signer),
            owner=f"{socket.gethostname()}:{os.getpid()}:{random_text(6)}",
            lease=self._settings.lease,
            threads=self._settings.provider.threads,
            per_second=per_second,
        )
        try:
            Loop(
                send=send,
                snapshot=snapshot,
                store=self._store,
                provider=self._provider,
                stock=stock,
                clock=self._clock,
                stopping=self._stopping,
                threads=self._settings.provider.threads,
                per_second=per_second,
                lease=self._settings.lease,
                mark=self._mark,
                wait=self._wait,
                progress=progress,
            ).run()
        except StoreError:
            self._pause_for_storage(send)
            raise

    def _pause_for_storage(self, send: Send) -> None:
        """If the database can still take one word: the send waits, and the desk says why."""
        assert send.id is not None
        try:
            with self._store.write() as tx:
                sends.pause_running(tx, send.id, reason="storage")
            _log.warning("send paused", send=send.id, reason="storage")
        except StoreError:
            _log.error("storage refuses", send=send.id)

    def _settle(self, send_id: int) -> SendSummary:
        at = self._clock.now()
        with self._store.read() as tx:
            send = sends.get(tx, send_id)
            sender_domain = domain(snapshots.get(tx, send.snapshot_id).sender_address)
        if send.state in {SendState.SENDING, SendState.SETTLING, SendState.PAUSED, SendState.CANCELLED}:
            own_domain = self._settings.provider.domain or sender_domain
            settling.look_up(self._store, send, self._provider, domain=own_domain, at=at)
        if send.state in {SendState.SENDING, SendState.SETTLING}:
            with self._store.write() as tx:
                state = settling.advance(tx, send_id, settling=self._wait_for_doubts, at=at)
                settling.rest(tx, send_id, repeatable_after=repeatable_after(self._provider, at), at=at)
            self._log_change(send_id, send.state, state)
            if state is SendState.DONE:
                self._forget()
        return self._summary(send_id)

    def _log_change(self, send_id: int, before: str, after: SendState) -> None:
        """Starts and ends, with their counts; pauses are logged where they are decided."""
        said = {SendState.SENDING: "send started", SendState.DONE: "send ended"}.get(after)
        if said is None or before == after or (said == "send started" and before != SendState.SCHEDULED):
            return
        summary = self._summary(send_id)
        _log.info(said, send=send_id, people=summary.planned, deliveries=summary.counts)

    def _forget(self) -> None:
        """A secret that was overwritten, by whatever process, is on no disk either; readers may put that off."""
        with self._store.read() as tx:
            gone_at = sends.last_secret_gone_at(tx)
        if gone_at != self._forgotten and self._store.forget():
            self._forgotten = gone_at

    def _summary(self, send_id: int) -> SendSummary:
        with self._store.read() as tx:
            send = sends.get(tx, send_id)
            return SendSummary(
                send_id=send_id,
                ref=f"{send.campaign}/{send.issue}",
                state=send.state,
                planned=send.planned,
                counts=deliveries.counts(tx, send_id),
                pause_reason=send.pause_reason,
            )
