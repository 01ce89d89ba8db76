"""Carries webhooks to their address: one per thread, over a connection that is kept open."""

import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit

from mailer.sandbox.faults import WEBHOOK_FAULTS, Fault, Faults
from mailer.sandbox.signing import SigningKey

_TIMEOUT_SECONDS = 5
_FIXED = {"Content-Type": "application/json", "User-Agent": "Postal/3.3.6"}


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook that is due; `attempts` were made before."""

    id: int
    body: bytes
    attempts: int


class Courier:
    """Not to be shared between threads."""

    def __init__(self, url: str, key: SigningKey, faults: Faults) -> None:
        self._parts, self._key, self._faults = urlsplit(url), key, faults
        self._connection: http.client.HTTPConnection | None = None
        self._earlier: tuple[bytes, dict[str, str]] | None = None

    def carry(self, hook: Hook) -> bool | None:
        """True for a 2xx, False for anything else, None if a fault holds it back.

        `bad_signature` and `old_key` send a false copy ahead of the true one; `duplicate` and `replay` send a
        copy of it, or of an earlier one, behind it.
        """
        plan = self._faults.take(WEBHOOK_FAULTS)
        fault = plan.fault if plan else None
        if fault is Fault.REORDER:
            return None
        if fault is Fault.BAD_SIGNATURE:
            self._post(hook.body, self._key.headers(hook.body + b" "))
        elif fault is Fault.OLD_KEY:
            self._post(hook.body, SigningKey.draw().headers(hook.body))
        headers = self._key.headers(hook.body)
        delivered = self._post(hook.body, headers)
        if fault is Fault.DUPLICATE:
            self._post(hook.body, headers)
        elif fault is Fault.REPLAY:
            self._post(*(self._earlier or (hook.body, headers)))
        self._earlier = hook.body, headers
        return delivered

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _post(self, body: bytes, headers: dict[str, str]) -> bool:
        kept = self._connection is not None
        status = self._request(body, headers)
        if status is None and kept:  # the other end had closed the kept connection: not an attempt
            status = self._request(body, headers)
        return status is not None and 200 <= status < 300

    def _request(self, body: bytes, headers: dict[str, str]) -> int | None:
        """The status, or None without an answer within 5 s."""
        target = self._parts.path + (f"?{self._parts.query}" if self._parts.query else "")
        try:
            self._connection = self._connection or self._connect()
            self._connection.request("POST", target or "/", body, {**_FIXED, **headers})
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            return None
        return answer.status

    def _connect(self) -> http.client.HTTPConnection:
        secure = self._parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        return kind(self._parts.hostname or "", self._parts.port, timeout=_TIMEOUT_SECONDS)
