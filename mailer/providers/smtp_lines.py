"""Connections to a mail server that are kept open between mails."""

import threading
import time

from mailer.providers.smtp_session import Session

#: Servers hang up on the idle, some after a minute; a new connection costs less than finding out.
_IDLE_SECONDS = 30.0


class Lines:
    """Open connections that nobody uses now: as many as there were threads at the same time, the latest first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._idle: list[Session] = []

    def take(self) -> Session | None:
        with self._lock:
            oldest = time.monotonic() - _IDLE_SECONDS
            stale = [each for each in self._idle if each.used_at < oldest]
            self._idle = [each for each in self._idle if each.used_at >= oldest]
            session = self._idle.pop() if self._idle else None
        for each in stale:
            each.close()
        return session

    def keep(self, session: Session) -> None:
        """For the next mail; a connection that carried its share is closed."""
        if session.carried >= self._most:
            session.close()
            return
        session.used_at = time.monotonic()
        with self._lock:
            self._idle.append(session)
