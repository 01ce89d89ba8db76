"""The server's own state: suspended, send limit, suppression list. Durable, and changed by the control face."""

from mailer.clock import Clock
from mailer.sandbox.ledger import Ledger

_PUT = "INSERT INTO server VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
_SUPPRESS = "INSERT OR REPLACE INTO suppression VALUES (?, ?, ?)"
#: Postal forgets a suppressed address after 30 days.
SUPPRESSION_SECONDS = 30 * 86_400


class Office:
    """Cached in memory: the hot path reads `suspended` at every request."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger, self._clock = ledger, clock
        kept = {row["name"]: row["value"] for row in ledger.read("SELECT * FROM server")}
        self.suspended = bool(kept.get("suspended", 0))
        #: Messages an hour; None is no limit.
        self.send_limit: int | None = kept.get("send_limit") if kept.get("send_limit", -1) >= 0 else None

    def suspend(self) -> None:
        """Refuse every request from now on."""
        self._put("suspended", 1)
        self.suspended = True

    def resume(self) -> None:
        """Take requests again."""
        self._put("suspended", 0)
        self.suspended = False

    def limit(self, send_limit: int | None) -> None:
        self._put("send_limit", -1 if send_limit is None else send_limit)
        self.send_limit = send_limit

    def suppress(self, address: str, reason: str) -> None:
        until = self._clock.now().timestamp() + SUPPRESSION_SECONDS
        self._execute(_SUPPRESS, (address.lower(), reason, until))

    def _put(self, name: str, value: int) -> None:
        self._execute(_PUT, (name, value))

    def _execute(self, statement: str, values: tuple[object, ...]) -> None:
        self._ledger.write(lambda connection: connection.execute(statement, values)).result()
