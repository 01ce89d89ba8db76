"""The desk on one database, in a process of its own; prints its port, then its seconds of processor at SIGUSR1 and at its end,
which is SIGTERM.

`python -m bench.pixel_server DATABASE_URL [--forgets]`: with `--forgets` hits are checked and answered, and nothing is kept.
"""

import os
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from bench.measure import REPOSITORY
from mailer.app import create_mailer
from mailer.tracking import Hits
from mailer.tracking.counting import Hit
from mailer.web import listen, serve


class Forgetful(Hits):
    """Answers as ever, and keeps nothing: what is left is the price of the answer."""

    def _put(self, hit: Hit) -> None:
        del hit


def main(url: str, *, forgets: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        state = Path(name)
        (state / "secret").write_bytes(bytes(32))
        os.environ |= {"MAILER_DATABASE_URL": url, "MAILER_STATE_DIR": name}
        mailer = create_mailer(REPOSITORY)
        if forgets:
            mailer.hits = Forgetful(mailer.store, mailer.signer, mailer.clock)
        listening = listen("127.0.0.1", 0)
        signal.signal(signal.SIGUSR1, lambda *_: print(time.process_time(), flush=True))
        print(listening.getsockname()[1], flush=True)
        with suppress(KeyboardInterrupt):
            serve(mailer, listening, heartbeat=False)
        print(time.process_time(), flush=True)
        mailer.close()


if __name__ == "__main__":
    main(sys.argv[1], forgets="--forgets" in sys.argv[2:])
