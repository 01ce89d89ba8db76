"""`/metrics`: what a monitor reads, in Prometheus' text form. Counts and states only: no address, no title.

Without `metrics_token` it answers this machine only. A request that a proxy passed on comes from this machine too:
it is told by the host name it was sent to, or by the header that says for whom it was passed on.
"""

import hmac
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from mailer.app import Mailer
from mailer.model.ledger import DeliveryState, SendState
from mailer.store import vitals
from mailer.web.visits import mailer_of

_PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class _Ledger(Collector):
    """Asks the database at each look, so that every process says the same."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    def collect(self) -> Iterator[Metric]:
        now = self._mailer.clock.now()
        with self._mailer.store.read() as tx:
            found = vitals.vitals(tx, at=now)
        yield _by_state("relais_sends", "Sends by state", SendState, found.sends)
        yield _by_state(
            "relais_deliveries", "Deliveries by state, of sends not ended", DeliveryState, found.deliveries
        )
        yield CounterMetricFamily(
            "relais_deliveries_accepted", "Copies that a provider took", value=found.accepted
        )
        yield CounterMetricFamily("relais_deliveries_refused", "Copies refused for good", value=found.refused)
        yield GaugeMetricFamily("relais_deliveries_in_doubt", "Copies in doubt now", value=found.in_doubt)
        yield from self._hits(found)
        waited = (now - found.oldest_due_at).total_seconds() if found.oldest_due_at else 0.0
        yield GaugeMetricFamily(
            "relais_oldest_due_send_seconds",
            "How long the oldest due send has waited; 0 when nothing is due",
            value=waited,
        )
        if self._mailer.ticked_at is not None:
            yield GaugeMetricFamily(
                "relais_heartbeat_last_tick_timestamp_seconds",
                "The last tick of the heartbeat in this process",
                value=self._mailer.ticked_at.timestamp(),
            )

    def _hits(self, found: vitals.Vitals) -> Iterator[Metric]:
        stored = CounterMetricFamily("relais_hits_stored", "Unique loads and clicks counted", labels=["kind"])
        stored.add_metric(["load"], found.loads)
        stored.add_metric(["click"], found.clicks)
        yield stored
        yield CounterMetricFamily(
            "relais_hits_dropped",
            "Hits that were answered and not counted, in this process",
            value=self._mailer.hits.dropped,
        )


def _by_state(
    name: str, said: str, states: type[SendState] | type[DeliveryState], counts: Mapping[str, int]
) -> Metric:
    """Every state, those without any included: a series that comes and goes is hard to watch."""
    family = GaugeMetricFamily(name, said, labels=["state"])
    for state in states:
        family.add_metric([state.value], counts.get(state.value, 0))
    return family


def metrics(request: Request) -> Response:
    """401 for a wrong token, 403 for another machine where there is no token."""
    mailer = mailer_of(request)
    token = mailer.settings.metrics_token.get_secret_value()
    if token and not _bears(request, token):
        return PlainTextResponse("unauthorised", 401, headers={"WWW-Authenticate": "Bearer"})
    if not token and not is_from_here(request):
        return PlainTextResponse("only from this machine, or with metrics_token", 403)
    registry = CollectorRegistry()
    registry.register(_Ledger(mailer))
    body = generate_latest(registry) + generate_latest(request.app.state.hook_counts.registry)
    return Response(body, media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _bears(request: Request, token: str) -> bool:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    same = hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode())
    return same and kind.lower() == "bearer"


def is_from_here(request: Request) -> bool:
    """Whether a program of this machine asks, for itself."""
    named = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    client = request.client.host if request.client else ""
    passed_on = any(name in request.headers for name in _PASSED_ON)
    return not passed_on and _is_loopback(client) and (named == "localhost" or _is_loopback(named))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
