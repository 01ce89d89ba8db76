"""Closed mailboxes of the demo: a few addresses that the embedded provider is told do not exist. SIMULATED."""

import json
import zlib
from urllib.request import Request, urlopen

from mailer.app import Mailer
from mailer.demo.stage import Stage
from mailer.store import contacts

#: One address in this many bounces.
_ONE_IN = 150


def close_mailboxes(mailer: Mailer, stage: Stage) -> int:
    """Tell the embedded provider which mailboxes are closed; the same ones at every play. How many."""
    with mailer.store.read() as tx:
        closed = [each for each in contacts.addresses(tx) if zlib.crc32(each.encode()) % _ONE_IN == 0]
    port = stage.environment["MAILER_SANDBOX__CONTROL_PORT"]
    request = Request(  # loopback
        f"http://127.0.0.1:{port}/server",
        data=json.dumps({"close": closed}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urlopen(request, timeout=10):  # noqa: S310
        return len(closed)
