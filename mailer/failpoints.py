"""Named points at which a test may kill the process, or fill its disk: `FAILPOINT=after-intent`. Nothing else reads it."""

import os
import signal

from mailer.errors import StoreError

#: A sender dies there, in the order in which a delivery passes them.
SENDING = (
    "starting-before",
    "starting-during",
    "after-claim",
    "after-intent",
    "before-request",
    "after-request",
    "after-accepted",
)
#: Whoever records a provider's report dies there: before the commit, and after it, with the answer still to be given.
RECORDING = ("event-during", "event-recorded")
#: The database takes no more there.
FULL_DISK = ("full-at-intent", "full-at-record")


def failpoint(name: str) -> None:
    """Die here, as by kill -9, when the environment says so."""
    if os.environ.get("FAILPOINT") == name:
        os.kill(os.getpid(), signal.SIGKILL)


def full_disk(name: str) -> None:
    """Fail here, as where a statement finds no room, when the environment says so."""
    if os.environ.get("FAILPOINT") == name:
        text = "The disk of the database is full ({place}); nothing was half-done. Make room and try again."
        raise StoreError(text, place=name)
