"""A sender as a process of its own, to be killed: `python -m tests.sending.process SEND_ID`, settings from MAILER_*."""

import os
import subprocess
import sys
from pathlib import Path

from mailer import providers, settings
from mailer.clock import SystemClock
from mailer.sending import Sender
from mailer.store import Store
from mailer.tokens import Signer
from tests.conftest import REPOSITORY
from tests.sending.folder import Folder

#: Names the class of a provider that keeps every copy it gets; empty: Maildir, class A.
DOUBT_CLASS = "TEST_DOUBT_CLASS"
SECRET = b"only-for-tests-only-for-tests-32"


def main(send_id: int) -> None:
    """Bring the send as far as it goes now, like `mailer send`."""
    chosen = settings.load()
    doubt_class = os.environ.get(DOUBT_CLASS, "")
    store = Store(chosen.resolved_database_url)
    Sender(
        store=store,
        settings=chosen,
        signer=Signer(SECRET),
        clock=SystemClock(),
        provider=Folder(chosen.under_workspace(chosen.provider.path), doubt_class)
        if doubt_class
        else providers.create(chosen),
    ).run(send_id, start_now=True)
    store.close()


def begin(
    url: str, workspace: Path, send_id: int, *, failpoint: str = "", doubt_class: str = ""
) -> subprocess.Popen[bytes]:
    """Start the process; it writes to the folder `mails` of the workspace."""
    environment = {
        **os.environ,
        "FAILPOINT": failpoint,
        "MAILER_WORKSPACE": str(workspace),
        "MAILER_DATABASE_URL": url,
        "MAILER_LEASE_SECONDS": "30",
        "MAILER_PROVIDER__NAME": "maildir",
        "MAILER_PROVIDER__PATH": "mails",
        "MAILER_PROVIDER__RATE": "10000/s",
        DOUBT_CLASS: doubt_class,
    }
    command = [sys.executable, "-m", "tests.sending.process", str(send_id)]
    return subprocess.Popen(command, cwd=REPOSITORY, env=environment, stderr=subprocess.PIPE)


if __name__ == "__main__":
    main(int(sys.argv[1]))
