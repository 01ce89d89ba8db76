"""Tries what is due: Pending becomes Sent, SoftFail, HardFail or Held, and some that were Sent come back.

The address decides, so that a demo needs no other control: `…+hardfail@`, `…+softfail@` (sent at the second
try), `…+held@`, `…+bounce@` (sent, then bounced).
"""

import logging
import sqlite3
import threading
from collections.abc import Callable

from mailer.clock import Clock
from mailer.sandbox.ledger import Ledger
from mailer.sandbox.office import SUPPRESSION_SECONDS, Office
from mailer.sandbox.post import new_token
from mailer.sandbox.verdicts import Verdict, judge
from mailer.sandbox.webhooks import Webhooks

_log = logging.getLogger(__name__)

_BATCH = 200
_IDLE_SECONDS = 0.25
_HOUR = 3_600
_DAY = 86_400
_BOUNCE_SECONDS = 60
_EVENTS = {
    "Sent": "MessageSent",
    "SoftFail": "MessageDelayed",
    "HardFail": "MessageDeliveryFailed",
    "Held": "MessageHeld",
}
_CONCLUDE = "UPDATE message SET status = ?, last_attempt = ?, attempts = attempts + 1, due = ?, hold_expiry = ? WHERE id = ?"
_DELIVERY = (
    "INSERT INTO delivery (message, status, details, output, sent_with_ssl, log_id, time, timestamp)"
    " VALUES (?, ?, ?, ?, 0, ?, ?, ?)"
)
_RETURNED = (
    "INSERT INTO message (token, direction, mail_from, rcpt_to, subject, message_id, timestamp, size, sha256, bounce,"
    " bounce_for_id, ssl, status) VALUES (?, 'incoming', '', ?, ?, ?, ?, 0, '', 1, ?, 0, 'Processed')"
)
_HARD_FAILS = (
    "SELECT count(*) FROM delivery JOIN message ON message.id = delivery.message"
    " WHERE delivery.status = 'HardFail' AND lower(rcpt_to) = ? AND delivery.timestamp > ?"
)
Relay = Callable[[sqlite3.Row], Verdict]


class Worker:
    """One thread. `wake` says that something may be due."""

    def __init__(
        self,
        ledger: Ledger,
        office: Office,
        webhooks: Webhooks,
        clock: Clock,
        *,
        clock_scale: float,
        relay: Relay | None,
    ) -> None:
        self._ledger, self._office, self._webhooks, self._clock = ledger, office, webhooks, clock
        self._scale, self._relay = clock_scale, relay
        self._due, self._stopping = threading.Event(), threading.Event()
        self._limit_noticed_at = 0.0
        self._thread = threading.Thread(target=self._run, name="sandbox-worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._due.set()

    def stop(self) -> None:
        """End after the round that runs."""
        self._stopping.set()
        self._due.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._due.clear()
            try:
                worked = self._round()
            except (sqlite3.Error, OSError):  # a full disk: what is due stays due
                _log.exception("a round was not recorded; it will be tried again")
                worked = 0
            if not worked:
                self._due.wait(_IDLE_SECONDS)

    def _round(self) -> int:
        now = self._clock.now().timestamp()
        rows = self._ledger.read("SELECT * FROM message WHERE due <= ? ORDER BY due, id LIMIT ?", now, _BATCH)
        if rows:
            room = self._room(now)
            verdicts = [self._judge(row, room - position) for position, row in enumerate(rows)]
            self._ledger.write(lambda tx: self._conclude(tx, rows, verdicts, now)).result()
            self._webhooks.wake()
        return len(rows)

    def _room(self, now: float) -> float:
        """How many more messages this hour allows."""
        if self._office.send_limit is None:
            return float("inf")
        count = "SELECT count(*) FROM message WHERE last_attempt > ? AND direction = 'outgoing' AND status <> 'Held'"
        return float(self._office.send_limit - self._ledger.read(count, now - _HOUR)[0][0])

    def _judge(self, row: sqlite3.Row, room: float) -> Verdict | None:
        """The outcome of one try; None for mail that was sent and now comes back."""
        if row["status"] == "Sent":
            return None
        known = "SELECT reason FROM suppression WHERE address = ? AND until > ?"
        found = self._ledger.read(known, row["rcpt_to"].lower(), self._clock.now().timestamp())
        reason = found[0]["reason"] if found else None
        limit = self._office.send_limit if room <= 0 else None
        verdict = judge(row["rcpt_to"], attempts=row["attempts"], suppressed=reason, limit=limit)
        return self._relay(row) if self._relay and verdict.status == "Sent" else verdict

    def _conclude(
        self, tx: sqlite3.Connection, rows: list[sqlite3.Row], verdicts: list[Verdict | None], now: float
    ) -> None:
        for row, verdict in zip(rows, verdicts, strict=True):
            if verdict is None:
                self._return(tx, row, now)
            else:
                self._tried(tx, row, verdict, now)

    def _tried(self, tx: sqlite3.Connection, row: sqlite3.Row, verdict: Verdict, now: float) -> None:
        due = None
        if verdict.retry_seconds is not None:
            due = now + verdict.retry_seconds * self._scale
        elif verdict.comes_back:
            due = now + _BOUNCE_SECONDS * self._scale
        expiry = now + 7 * _DAY if verdict.status == "Held" else None
        tx.execute(_CONCLUDE, (verdict.status, now, due, expiry, row["id"]))
        values = (
            row["id"],
            verdict.status,
            verdict.details,
            verdict.output,
            new_token(),
            verdict.seconds,
            now,
        )
        tx.execute(_DELIVERY, values)
        self._webhooks.report(tx, _EVENTS[verdict.status], row, verdict, at=now)
        if verdict.status == "HardFail":
            self._count_hard_fail(tx, row["rcpt_to"].lower(), now)
        if verdict.limit is not None and now - self._limit_noticed_at > _HOUR:
            self._limit_noticed_at = now
            self._webhooks.report_limit(tx, verdict.limit, at=now)

    def _count_hard_fail(self, tx: sqlite3.Connection, address: str, now: float) -> None:
        if tx.execute(_HARD_FAILS, (address, now - _DAY)).fetchone()[0] >= 2:
            values = (address, "too many hard fails", now + SUPPRESSION_SECONDS)
            tx.execute("INSERT OR REPLACE INTO suppression VALUES (?, ?, ?)", values)

    def _return(self, tx: sqlite3.Connection, row: sqlite3.Row, now: float) -> None:
        message_id = f"{new_token().lower()}@mx.sandbox.example"
        subject = "Undelivered Mail Returned to Sender"
        values = (new_token(), row["mail_from"], subject, message_id, now, row["id"])
        number = tx.execute(_RETURNED, values).lastrowid
        tx.execute("UPDATE message SET status = 'Bounced', due = NULL WHERE id = ?", (row["id"],))
        bounce = tx.execute("SELECT * FROM message WHERE id = ?", (number,)).fetchone()
        self._webhooks.report_bounce(tx, row, bounce, at=now)
