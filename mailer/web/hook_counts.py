"""Webhooks counted as they come: what `/metrics` says of them."""

from prometheus_client import CollectorRegistry, Counter


class HookCounts:
    """Webhooks that this process received; they begin at zero with each start, as counters may."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._events = Counter(
            "relais_webhook_events",
            "Events that a provider reported",
            ["provider", "kind"],
            registry=self.registry,
        )
        self._refused = Counter(
            "relais_webhooks_refused",
            "Webhooks that were not taken",
            ["provider", "reason"],
            registry=self.registry,
        )

    def reported(self, provider: str, kind: str) -> None:
        self._events.labels(provider, kind).inc()

    def refused(self, provider: str, reason: str) -> None:
        self._refused.labels(provider, reason).inc()
