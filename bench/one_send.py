"""One send in a process of its own; prints one JSON object.

`python -m bench.one_send DATABASE_URL COUNT [--postal URL] [--rate R] [--latency SECONDS] [--threads N]`
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from bench.databases import processor_of
from bench.measure import REPOSITORY, SIGNER, alone, peak_mb
from bench.takers import Taker
from mailer import sending, settings
from mailer.clock import SystemClock
from mailer.providers import Provider
from mailer.providers.postal import Postal
from mailer.sending.starting import start
from mailer.settings import SandboxSettings
from mailer.store import Store


def main(asked: argparse.Namespace) -> dict[str, float]:
    """The process that is measured only sends, as `mailer worker` does: the issue was compiled and frozen before."""
    with tempfile.TemporaryDirectory() as name:
        prepared = alone("bench.prepare", asked.database, str(asked.count), name)
        store = Store(asked.database)
        used = processor_of(store)
        taker = Taker(asked.latency, used=used)
        provider: Provider = Postal(asked.postal, SandboxSettings().api_key) if asked.postal else taker
        os.environ |= {"MAILER_PROVIDER__RATE": asked.rate, "MAILER_PROVIDER__THREADS": str(asked.threads)}
        chosen = settings.load(REPOSITORY).model_copy(update={"state_dir": Path(name)})
        clock, send_id = SystemClock(), int(prepared["send"])
        began = time.perf_counter()
        with store.write() as tx:
            start(tx, send_id, signer=SIGNER, state=chosen.state, at=clock.now(), by_hand=True)
        started, used_before = time.perf_counter(), used()
        sender = sending.Sender(store=store, settings=chosen, signer=SIGNER, clock=clock, provider=provider)
        summary = sender.run(send_id, start_now=True)
        taken, spent = time.perf_counter() - started, used() - used_before
        store.close()
    assert summary.counts == {"accepted": summary.planned}, summary.counts
    return {
        "planned": summary.planned,
        "per_second": summary.planned / taken,
        "peak_mb": peak_mb(),
        "per_processor_second": summary.planned / spent,
        "bytes": prepared["bytes"],
        "starting_seconds": started - began,
    } | ({} if asked.postal else _pace(taker))


def _pace(taker: Taker) -> dict[str, float]:
    asked = taker.asked_at
    return {
        "tenths_by_the_clock": taker.tenths_by_the_clock,
        "tenths_of_the_processor": taker.tenths_of_the_processor,
        "busiest_second": taker.busiest_second,
        "asked_per_second": (len(asked) - 1) / (asked[-1] - asked[0]),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("database")
    parser.add_argument("count", type=int)
    parser.add_argument("--postal", default="")
    parser.add_argument("--rate", default="1000000/s")
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--threads", type=int, default=8)
    return parser.parse_args()


if __name__ == "__main__":
    print(json.dumps(main(_arguments())))
