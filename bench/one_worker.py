"""One of several senders of the same send, in a process of its own; it writes the instants of its calls into a file.

`python -m bench.one_worker DATABASE_URL STATE_DIR SEND RATE LATENCY THREADS FILE`
"""

import os
import sys
from pathlib import Path

from bench.measure import REPOSITORY, SIGNER
from bench.takers import Taker
from mailer import sending, settings
from mailer.clock import SystemClock
from mailer.store import Store


def main(url: str, state: str, send: str, rate: str, latency: str, threads: str, file: str) -> None:
    os.environ |= {"MAILER_PROVIDER__RATE": rate, "MAILER_PROVIDER__THREADS": threads}
    chosen = settings.load(REPOSITORY).model_copy(update={"state_dir": Path(state)})
    store = Store(url)
    with open(file, "wb", buffering=0) as log:
        taker = Taker(float(latency), log=log)
        sending.Sender(store=store, settings=chosen, signer=SIGNER, clock=SystemClock(), provider=taker).run(
            int(send), start_now=True
        )
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
