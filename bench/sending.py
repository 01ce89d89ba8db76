"""Measures 2, 3, 4 and 6: one message per request, cost per recipient as a send grows, memory, the ledger's share."""

import base64
import json
import tempfile
import time
from pathlib import Path

from sqlalchemy import select

from bench.databases import KINDS, database
from bench.measure import LARGE, Row, alone, seconds
from bench.samples import sample_message
from bench.sink import push, sink
from mailer.model.columns import table
from mailer.model.people import Contact
from mailer.sandbox import Sandbox
from mailer.settings import SandboxSettings
from mailer.store import Store

NEWSLETTER = 7_314
_THREADS = 8


def rows() -> list[Row]:
    return [_sandbox(), _requests(), *(row for kind in KINDS for row in _ledger(kind))]


def _sandbox() -> Row:
    with tempfile.TemporaryDirectory() as name, database("SQLite") as url:
        settings = SandboxSettings(http_port=0, smtp_port=0, control_port=0, store="journal")
        with Sandbox(settings, Path(name)) as sandbox:
            found = alone("bench.one_send", url, str(NEWSLETTER), "--postal", sandbox.http_url)
    figure = f"{found['per_second']:.0f} recipients/s"
    return Row("newsletter to 7,314 through the sandbox over HTTP, both on this machine", figure)


def _requests() -> Row:
    """The whole sender against a bare socket, to the same server, with the same bytes and as many connections."""
    with sink() as port, database("SQLite") as url:
        ours = alone("bench.one_send", url, str(NEWSLETTER), "--postal", f"http://127.0.0.1:{port}")
        raw = base64.b64encode(sample_message(int(ours["bytes"])).mime).decode()
        payload = json.dumps({"mail_from": "l@r.example", "rcpt_to": ["a@b.example"], "data": raw}).encode()
        bare = NEWSLETTER / seconds(lambda: push(port, payload, count=NEWSLETTER, threads=_THREADS))
    figure = f"{bare / ours['per_second']:.1f} times ({bare:,.0f} against {ours['per_second']:,.0f} a second)"
    return Row("one message per request, whole process with its ledger / bare socket", figure, "<= 5")


def _ledger(kind: str) -> list[Row]:
    with database(kind) as url:
        small = alone("bench.one_send", url, str(NEWSLETTER))
        reading = _reading(url)
    with database(kind) as url:
        large = alone("bench.one_send", url, str(LARGE))
    share = NEWSLETTER / small["per_second"] / reading
    growth = large["peak_mb"] - small["peak_mb"]
    return [
        Row(f"sender without a provider's cost, {kind}", f"{small['per_second']:,.0f} recipients/s"),
        Row(
            f"claim, intent, copy and conclusion / only reading the people one by one, {kind}",
            f"{share:.1f} times",
            "<= 2 for batched claims; an intent costs a commit",
        ),
        Row(
            f"cost per recipient, last tenth / first tenth of {LARGE:,}, {kind}",
            f"{large['last_tenth_to_first']:.2f}",
            "<= 1.2",
        ),
        Row(
            f"audience of {LARGE:,} frozen into the ledger, {kind}",
            f"{large['starting_seconds']:.1f} s",
            "< 10 s at 1,000,000",
        ),
        Row(f"peak memory of the sender at 7,314, {kind}", f"{small['peak_mb']:.0f} MB", "<= 120 MB"),
        Row(f"peak memory at {LARGE:,} minus at 7,314, {kind}", f"{growth:+.0f} MB", "<= +25 MB"),
    ]


def _reading(url: str) -> float:
    """Seconds to read as many people, each by a statement of its own."""
    contact = table(Contact)
    store = Store(url)
    with store.read() as tx:
        ids = list(tx.execute(select(contact.c.id).limit(NEWSLETTER)).scalars())
        started = time.perf_counter()
        for each in ids:
            tx.execute(select(contact).where(contact.c.id == each)).one()
        taken = time.perf_counter() - started
    store.close()
    return taken * NEWSLETTER / len(ids)
