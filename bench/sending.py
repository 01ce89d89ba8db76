"""Measures 2, 3, 4 and 6: one message per request, cost per recipient as a send grows, memory, the ledger's share."""

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from bench.databases import KINDS, database
from bench.measure import LARGE, Row, alone, seconds
from bench.samples import sample_message
from bench.sink import push, sink
from mailer.model.columns import table
from mailer.model.mail import Status
from mailer.model.people import Contact
from mailer.providers.postal import Postal, request_body
from mailer.sandbox import Sandbox
from mailer.settings import SandboxSettings
from mailer.store import Store

NEWSLETTER = 7_314
_THREADS = 8
#: Bytes of the 12-article newsletter as one message, about.
_SIZE = 99_000
_ANY_KEY = UUID(int=0)


def rows() -> list[Row]:
    return [_sandbox(), _door(), _requests(), *(row for kind in KINDS for row in _ledger(kind))]


def _sandbox() -> Row:
    with tempfile.TemporaryDirectory() as name, database("SQLite") as url:
        settings = SandboxSettings(http_port=0, smtp_port=0, control_port=0, store="journal")
        with Sandbox(settings, Path(name)) as sandbox:
            found = alone("bench.one_send", url, str(NEWSLETTER), "--postal", sandbox.http_url)
    figure = f"{found['per_second']:.0f} recipients/s"
    return Row("newsletter to 7,314 through the sandbox over HTTP, both on this machine", figure)


def _door() -> Row:
    """The adapter alone, which builds the call, sends it through requests and reads the answer, against a bare socket."""
    message = sample_message(_SIZE)
    with sink() as port, ThreadPoolExecutor(_THREADS) as pool:
        provider = Postal(f"http://127.0.0.1:{port}", SandboxSettings().api_key)

        def share(count: int) -> None:
            for _ in range(count):
                (found,) = provider.send([message], attempt_key=_ANY_KEY)
                assert found.status is Status.ACCEPTED, found

        ours = seconds(lambda: list(pool.map(share, [NEWSLETTER // _THREADS] * _THREADS)))
        bare = seconds(lambda: push(port, request_body(message), count=NEWSLETTER, threads=_THREADS))
    figure = f"{ours / bare:.1f} times"
    return Row("one message per request, through the provider's adapter / bare socket", figure, "<= 5")


def _requests() -> Row:
    """The whole sender against a bare socket, to the same server, with the same bytes and as many connections."""
    with sink() as port, database("SQLite") as url:
        ours = alone("bench.one_send", url, str(NEWSLETTER), "--postal", f"http://127.0.0.1:{port}")
        payload = request_body(sample_message(int(ours["bytes"])))
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
        Row(f"sender without a provider's cost, {kind}", _speed(small)),
        Row(
            f"claim, intent, copy and conclusion / only reading the people one by one, {kind}",
            f"{share:.1f} times",
            "<= 2 for batched claims; an intent costs a commit",
        ),
        Row(
            f"cost per recipient, last tenth / first tenth of {LARGE:,}, {kind}",
            f"{large['tenths_of_the_processor']:.2f} of the processor; {large['tenths_by_the_clock']:.2f} by the clock",
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


def _speed(found: dict[str, float]) -> str:
    used = f"{found['per_processor_second']:,.0f} per second of the processor, the database's included"
    return f"{found['per_second']:,.0f} recipients/s; {used}"


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
