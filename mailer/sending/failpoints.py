"""Named points at which a test may kill the process: `FAILPOINT=after-intent`. Nothing else reads it."""

import os
import signal

NAMES = (
    "starting-before",
    "starting-during",
    "after-claim",
    "after-intent",
    "after-request",
    "after-accepted",
)


def failpoint(name: str) -> None:
    """Die here, as by kill -9, when the environment says so."""
    if os.environ.get("FAILPOINT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
