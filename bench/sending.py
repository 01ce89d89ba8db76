"""Sending: through the embedded provider over HTTP, and the sender's memory at two sizes."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

from bench.measure import Row, alone, seconds
from mailer.model.mail import Message
from mailer.providers.postal import Postal
from mailer.sandbox import Sandbox
from mailer.settings import SandboxSettings

_THREADS = 8


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        settings = SandboxSettings(http_port=0, smtp_port=0, control_port=0, store="journal")
        with Sandbox(settings, Path(name)) as sandbox:
            ours = alone("bench.one_send", "postal", sandbox.http_url, "7314")
            bare = _bare(sandbox.http_url, settings.api_key, int(ours["bytes"]))
    small = alone("bench.one_send", "discard", "-", "7314")
    large = alone("bench.one_send", "discard", "-", "100000")
    ratio = ours["per_second"] / bare
    return [
        Row(
            "newsletter to 7,314 through the sandbox over HTTP", f"{ours['per_second']:.0f} recipients/s", ""
        ),
        Row("the same against the adapter alone, same bytes and threads", f"{ratio:.2f} of {bare:.0f}/s", ""),
        Row("sender without a provider's cost, 7,314", f"{small['per_second']:.0f} recipients/s", ""),
        Row("sender without a provider's cost, 100,000", f"{large['per_second']:.0f} recipients/s", ""),
        Row(
            "cost per recipient at 100,000 / at 7,314",
            f"{small['per_second'] / large['per_second']:.2f}",
            "<= 1.2",
        ),
        Row(
            "audience of 100,000 frozen into the ledger",
            f"{large['starting_seconds']:.1f} s",
            "< 10 s at 1,000,000",
        ),
        Row("peak memory of the sender at 7,314", f"{small['peak_mb']:.0f} MB", "<= 120 MB"),
        Row(
            "peak memory at 100,000 minus at 7,314",
            f"{large['peak_mb'] - small['peak_mb']:+.0f} MB",
            "<= +25 MB",
        ),
    ]


def _bare(url: str, api_key: str, size: int) -> float:
    """Messages per second of the adapter alone: no ledger, no copies, the same number of bytes."""
    provider = Postal(url, api_key)
    message = _message(size)
    count = 2_000

    def all_of_them() -> None:
        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(lambda _: provider.send([message], attempt_key=uuid4()), range(count)))

    return count / seconds(all_of_them)


def _message(size: int) -> Message:
    from bench.one_send import sample_message

    return sample_message(size)
