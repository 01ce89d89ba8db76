"""Faults on demand: what networks, proxies and crashes do to an answer or to a webhook."""

import random
import threading
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """The first group befalls a request to `/send/…`, the second the next webhook."""

    COMMIT_THEN_HANG = "commit_then_hang"
    COMMIT_THEN_RESET = "commit_then_reset"
    COMMIT_THEN_500 = "commit_then_500"
    RESET_BEFORE_COMMIT = "reset_before_commit"
    TRUNCATED_200 = "truncated_200"
    PROXY_502_HTML = "proxy_502_html"
    PROXY_429 = "proxy_429"
    SLOW = "slow"
    #: The message's webhooks arrive before the answer to its submission.
    BEFORE_RESPONSE = "before_response"

    DUPLICATE = "duplicate"
    REORDER = "reorder"
    BAD_SIGNATURE = "bad_signature"
    OLD_KEY = "old_key"
    REPLAY = "replay"


WEBHOOK_FAULTS = frozenset({Fault.DUPLICATE, Fault.REORDER, Fault.BAD_SIGNATURE, Fault.OLD_KEY, Fault.REPLAY})
REQUEST_FAULTS = frozenset(Fault) - WEBHOOK_FAULTS


@dataclass(slots=True)
class Plan:
    """One fault that waits: for so many occasions, each taken with this probability (0 to 1).

    `retry_after` (seconds) is the header of `proxy_429`; `seconds` is how long `slow` waits.
    """

    fault: Fault
    times: int = 1
    probability: float = 1.0
    retry_after: int | None = None
    seconds: float = 2.0


class Faults:
    """The plans in force, oldest first. Safe to share between threads."""

    def __init__(self) -> None:
        self._plans: list[Plan] = []
        self._lock = threading.Lock()
        self._random = random.Random()  # noqa: S311  # weather, not a secret

    def add(self, plan: Plan) -> None:
        with self._lock:
            self._plans.append(plan)

    def clear(self) -> None:
        with self._lock:
            self._plans = []

    def waiting(self) -> list[Plan]:
        with self._lock:
            return list(self._plans)

    def take(self, kinds: frozenset[Fault]) -> Plan | None:
        """The fault that befalls this occasion, if any; counts it."""
        if not self._plans:  # the hot path takes no lock
            return None
        with self._lock:
            for plan in self._plans:
                if plan.fault in kinds and self._random.random() < plan.probability:
                    plan.times -= 1
                    self._plans = [each for each in self._plans if each.times > 0]
                    return plan
        return None
