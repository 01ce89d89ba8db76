"""Bounce mails are fetched and recorded: what webhooks bring elsewhere."""

import threading
from datetime import datetime, timedelta

import structlog

from mailer.clock import Clock
from mailer.errors import MailerError, StoreError
from mailer.providers import Provider
from mailer.store import Store
from mailer.tracking.recording import record

_log = structlog.get_logger()
_EVERY = timedelta(minutes=1)
#: After a failure twice as long each time: servers shut out who knocks with a wrong password every minute.
_LONGEST_WAIT = timedelta(hours=1)
#: Reports on older mails are nobody's concern any more.
_SINCE = timedelta(days=30)


class Collector:
    """Fetches what the provider's mailbox holds. Safe to share between threads: one of them fetches at a time."""

    def __init__(self, store: Store, provider: Provider, clock: Clock) -> None:
        self._store = store
        self._provider = provider
        self._clock = clock
        self._busy = threading.Lock()
        self._due_at: datetime | None = None
        self._wait = _EVERY

    def collect(self) -> int:
        """Record what is new, if a minute has passed since the last time; how many reports were new. A mailbox that
        cannot be read is logged and tried again later; raises StoreError."""
        if not self._provider.caps.mailbox or not self._busy.acquire(blocking=False):
            return 0
        try:
            return self._collect() if self._is_due() else 0
        finally:
            self._busy.release()

    def _is_due(self) -> bool:
        return self._due_at is None or self._clock.now() >= self._due_at

    def _collect(self) -> int:
        try:
            new = self._record_all()
        except StoreError:
            raise
        except MailerError as error:
            self._wait = min(self._wait * 2, _LONGEST_WAIT)
            _log.warning("bounces not collected", reason=str(error))
            new = 0
        else:
            self._wait = _EVERY
        self._due_at = self._clock.now() + self._wait
        return new

    def _record_all(self) -> int:
        """Each report is committed before the next is asked for: only then its mail is put away."""
        new = 0
        for event in self._provider.poll(self._clock.now() - _SINCE):
            with self._store.write() as tx:
                new += record(tx, [event], at=self._clock.now())
        return new
