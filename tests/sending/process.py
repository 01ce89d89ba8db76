"""A sender as a process of its own, to be killed; its settings come from MAILER_*."""

import os

from mailer import providers, settings
from mailer.clock import SystemClock
from mailer.sending import Sender
from mailer.store import Store
from mailer.tokens import Signer
from tests.nursery import Child, Nursery
from tests.sending.folder import Folder
from tests.sending.world import World

#: The class of a provider that keeps every copy it gets; A is Maildir, which keeps one of each key.
DOUBT_CLASS = "TEST_DOUBT_CLASS"
SECRET = b"only-for-tests-only-for-tests-32"


def main(send_id: int) -> None:
    """Bring the send as far as it goes now, like `mailer send`."""
    chosen = settings.load()
    doubt_class = os.environ[DOUBT_CLASS]
    store = Store(chosen.resolved_database_url)
    Sender(
        store=store,
        settings=chosen,
        signer=Signer(SECRET),
        clock=SystemClock(),
        provider=Folder(chosen.under_workspace(chosen.provider.path), doubt_class)
        if doubt_class != "A"
        else providers.create(chosen),
    ).run(send_id, start_now=True)
    store.close()


def begin(
    nursery: Nursery, world: World, send_id: int, *, failpoint: str = "", doubt_class: str = "A"
) -> Child:
    """Start the process; it writes to the folder `mails` of the world."""
    environment = {
        "FAILPOINT": failpoint,
        "MAILER_WORKSPACE": str(world.root),
        "MAILER_DATABASE_URL": world.store.url,
        "MAILER_LEASE_SECONDS": "30",
        "MAILER_PROVIDER__NAME": "maildir",
        "MAILER_PROVIDER__PATH": "mails",
        "MAILER_PROVIDER__RATE": "10000/s",
        "MAILER_PROVIDER__THREADS": "8",
        DOUBT_CLASS: doubt_class,
    }
    return nursery.start("tests.sending.process:main", send_id, environment=environment)
