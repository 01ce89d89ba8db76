"""Closed mailboxes of the demo: a few addresses that the embedded provider is told do not exist. SIMULATED.

Only people who get one of the two issues: a bounce of the newsletter would otherwise keep the flash from leaving, which is
right, but hides how many people the flash is for.
"""

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
    everybody, members = (set(mailer.audience(segment).contact_ids) for segment in ("abonnes", "adherents"))
    with mailer.store.read() as tx:
        known = contacts.addresses(tx, everybody ^ members)
    closed = [each for each in known if zlib.crc32(each.encode()) % _ONE_IN == 0]
    port = stage.environment["MAILER_SANDBOX__CONTROL_PORT"]
    request = Request(  # loopback
        f"http://127.0.0.1:{port}/server",
        data=json.dumps({"close": closed}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urlopen(request, timeout=10):  # noqa: S310  # loopback
        return len(closed)
