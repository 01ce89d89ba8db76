"""Measure 1: the rate attained against the rate allowed, and the busiest second, whatever the provider's latency."""

from itertools import product

from bench.databases import KINDS, database
from bench.measure import Row, alone

RATES = (14, 100, 500)
LATENCIES = (0.05, 0.25)
_SECONDS = 12


def rows() -> list[Row]:
    return [_row(kind, rate, latency) for kind, rate, latency in product(KINDS, RATES, LATENCIES)]


def _row(kind: str, rate: int, latency: float) -> Row:
    # Threads hide latency: as many as messages are on their way at once, and what a turn of the loop takes besides.
    threads = max(4, round(rate * (latency + 0.1)))
    with database(kind) as url:
        options = ("--rate", f"{rate}/s", "--latency", str(latency), "--threads", str(threads))
        found = alone("bench.one_send", url, str(rate * _SECONDS), *options)
    return Row(
        f"pace at {rate}/s allowed, {latency * 1000:.0f} ms latency, {threads} threads, {kind}",
        f"{found['asked_per_second'] / rate:.3f}; busiest second {found['busiest_second'] / rate:.3f}",
        ">= 0.98; <= 1.02",
    )
