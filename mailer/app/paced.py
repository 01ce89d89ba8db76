"""The provider as mails outside of every ledger reach it: each waits for its turn in the pace that sends keep."""

from collections.abc import Sequence
from uuid import UUID

from mailer.clock import Clock
from mailer.model.mail import Message, SendResult
from mailer.providers import Provider
from mailer.providers.rates import parse_rate
from mailer.settings import ProviderSettings
from mailer.store import Store, pacing

#: Somebody may be looking at a page meanwhile: at a slow pace the mail leaves before its turn, which is used up all the same.
_PATIENCE_SECONDS = 3.0


class Paced:
    """An outlet to one provider; each of its mails takes the next turn, which a letter that is leaving then does not have."""

    def __init__(self, provider: Provider, *, store: Store, settings: ProviderSettings, clock: Clock) -> None:
        self._provider = provider
        self._store = store
        self._settings = settings
        self._clock = clock

    def send(self, batch: Sequence[Message], *, attempt_key: UUID) -> list[SendResult]:
        """Never inside of a transaction of the caller: the turn is one of its own."""
        for _ in batch:
            self._wait_for_a_turn()
        return self._provider.send(batch, attempt_key=attempt_key)

    def _wait_for_a_turn(self) -> None:
        per_second = parse_rate(self._settings.rate).per_second
        with self._store.write() as tx:
            now = self._clock.now().timestamp()
            wait = pacing.reserve(tx, provider=self._provider.name, per_second=per_second, now=now)
        self._clock.sleep(min(wait, _PATIENCE_SECONDS))
