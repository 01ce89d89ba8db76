"""How often one network may ask: counted in memory under a fingerprint that only this process can make (security S25)."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from mailer.clock import Clock
from mailer.tokens import Signer, random_bytes
from mailer.web.networks import network_of

_HOUR = timedelta(hours=1)
#: More networks than this are not remembered: the one that asked the longest ago is forgotten first.
_MOST = 10_000


class NetworkLimit:
    """At most so many requests of one network in an hour. Keeps no address; safe to share between threads."""

    def __init__(self, most: int, clock: Clock) -> None:
        self._most = most
        self._clock = clock
        self._signer = Signer(random_bytes(32))
        self._lock = threading.Lock()
        self._asked: OrderedDict[bytes, list[datetime]] = OrderedDict()

    def allows(self, host: str) -> bool:
        """Count one more request from this address; whether it may be followed."""
        now, name = self._clock.now(), self._signer.digest("network", network_of(host).encode())
        with self._lock:
            recent = [at for at in self._asked.pop(name, []) if at > now - _HOUR]
            allowed = len(recent) < self._most
            self._asked[name] = [*recent, now] if allowed else recent
            while len(self._asked) > _MOST:
                self._asked.popitem(last=False)
        return allowed
