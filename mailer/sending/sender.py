"""What a process does with sends: start what is due, hand over, settle, conclude. Safe to run anywhere, any number of times."""

import os
import socket
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil

import structlog

from mailer.addresses import domain
from mailer.clock import Clock
from mailer.errors import MailerError, StoreError
from mailer.i18n import note
from mailer.model.ledger import Send, SendState
from mailer.model.workspace import Tracking
from mailer.providers import Provider
from mailer.providers.rates import parse_rate
from mailer.sending import memory, settling
from mailer.sending.accounts import account
from mailer.sending.copies import CopyRoom
from mailer.sending.loop import Loop
from mailer.sending.outcomes import repeatable
from mailer.sending.progress import Progress, SendSummary
from mailer.sending.starting import start
from mailer.sending.stock import Stock
from mailer.sending.waiting import Wait
from mailer.settings import Settings
from mailer.store import Store, deliveries, installation, send_secrets, sends, snapshots
from mailer.store.attempts import Repeatable
from mailer.store.pacing import LATE_SECONDS
from mailer.tokens import Signer, random_text

_log = structlog.get_logger()
#: A message waits a moment for its turn on the wire, and up to a quarter of a second for a slow provider's answer.
_SECONDS_IN_FLIGHT = 0.25 + LATE_SECONDS
_FEWEST_THREADS, _MOST_THREADS = 8, 64
_MOST_STUMBLES = 3


def threads_for(per_second: float) -> int:
    """Requests in flight at the same time that keep up that rate, where the settings name no number."""
    return min(max(ceil(per_second * _SECONDS_IN_FLIGHT), _FEWEST_THREADS), _MOST_THREADS)


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
        self._account = account(provider, settings.provider, signer)
        self._stopping = stopping or threading.Event()
        self._busy: set[int] = set()
        #: Send -> how many ticks in a row a mistake of ours has stopped it.
        self._stumbled: Counter[int] = Counter()
        self._lock = threading.Lock()
        self._wait = Wait()
        self._mark = installation.Mark(settings.state)
        #: Of how many secrets that went no file holds anything any more.
        self._forgotten = 0

    def run(
        self, send_id: int, *, progress: Callable[[Progress], None] | None = None, start_now: bool = False
    ) -> SendSummary:
        """Bring one send as far as it can go now; blocks. Call it again after a crash, from any process.

        `start_now`: a person asks for it, so a missed hour does not matter. Raises StoreError when the database
        refuses: nothing leaves whose intent could not be written.
        """
        with self._store.write() as tx:
            send = sends.get(tx, send_id)
            if send.tracking == Tracking.ANONYMOUS:
                memory.overwrite_what_is_freed()
            state = start(
                tx,
                send_id,
                signer=self._signer,
                state=self._settings.state,
                at=self._clock.now(),
                by_hand=start_now,
            )
        installation.confirm(self._store, self._settings.state)
        self._log_change(send_id, SendState(send.state), state)
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
            waiting = sends.to_look_after(tx, at=at, account=self._account, doubtful_before=old)
        summaries = []
        for send_id in waiting:
            if not self._stopping.is_set() and self._take(send_id):
                try:
                    summaries.append(self.run(send_id))
                    self._stumbled.pop(send_id, None)
                except StoreError:
                    raise
                except MailerError as error:
                    _log.error("send failed", send=send_id, reason=str(error))
                    self._hold(send_id, note(error))
                except Exception as failure:  # noqa: BLE001  # a mistake of ours must not keep the others either
                    _log.error("send failed", send=send_id, failure=type(failure).__name__)
                    self._stumble(send_id)
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

    def _stumble(self, send_id: int) -> None:
        """What stops for a mistake of ours goes on at the next tick; after a few of them a person is told."""
        self._stumbled[send_id] += 1
        if self._stumbled[send_id] >= _MOST_STUMBLES and not self._stopping.is_set():
            del self._stumbled[send_id]
            self._hold(send_id, "mistake")

    def _hold(self, send_id: int, reason: str) -> None:
        """A send that cannot start, or go on, waits for a person, with the reason."""
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
                repeatable=self._repeatable(at),
                settling=self._wait_for_doubts,
                at=at,
            )

    def _repeatable(self, at: datetime) -> Repeatable | None:
        return repeatable(self._provider, at, account=self._account)

    @property
    def _wait_for_doubts(self) -> timedelta:
        return timedelta(hours=self._settings.settling_hours)

    def _hand_over(self, send_id: int, progress: Callable[[Progress], None] | None) -> None:
        with self._store.read() as tx:
            send = sends.get(tx, send_id)
            snapshot = snapshots.get(tx, send.snapshot_id)
            secret = send_secrets.read(tx, send_id)
        per_second = parse_rate(self._settings.provider.rate).per_second
        threads = self._settings.provider.threads or threads_for(per_second)
        stock = Stock(
            copies=CopyRoom(send, snapshot, secret=secret, settings=self._settings, signer=self._signer),
            owner=f"{socket.gethostname()}:{os.getpid()}:{random_text(6)}",
            lease=self._settings.lease,
            threads=threads,
            per_second=per_second,
        )
        try:
            Loop(
                send=send,
                snapshot=snapshot,
                store=self._store,
                provider=self._provider,
                account=self._account,
                stock=stock,
                clock=self._clock,
                stopping=self._stopping,
                threads=threads,
                per_second=per_second,
                lease=self._settings.lease,
                mark=self._mark,
                wait=self._wait,
                progress=progress,
            ).run()
        except StoreError:
            self._pause_for_storage(send)
            raise
        finally:
            stock.copies.forget()

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
            settling.look_up(
                self._store, send, self._provider, account=self._account, domain=own_domain, at=at
            )
        if send.state in {SendState.SENDING, SendState.SETTLING}:
            with self._store.write() as tx:
                state = settling.advance(tx, send_id, settling=self._wait_for_doubts, at=at)
                settling.rest(tx, send_id, repeatable=self._repeatable(at), at=at)
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
            gone = sends.count_secrets_gone(tx)
        if gone != self._forgotten and self._store.forget():
            self._forgotten = gone

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
