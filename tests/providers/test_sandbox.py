"""The adapter and the embedded provider, written apart from the same contract, understand each other."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue

import pytest
import requests

from mailer.errors import ProviderHalt
from mailer.model.mail import Kind, RawRequest, Status
from mailer.providers import BadSignature
from mailer.providers.http import Limits
from mailer.providers.postal import Postal
from mailer.sandbox import Sandbox
from mailer.settings import SandboxSettings
from tests.providers.contract import ATTEMPT, SECRET
from tests.providers.samples import KEY, message

WAIT_SECONDS = 20


@contextmanager
def receiver(received: Callable[[RawRequest], None]) -> Iterator[str]:
    """A web server that hands each webhook on as it came."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            received(RawRequest(headers=headers, body=body, received_at=datetime.now(UTC)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hooks/postal/x"
    server.shutdown()
    server.server_close()


def settings(**more: object) -> SandboxSettings:
    values = {"http_port": 0, "smtp_port": 0, "control_port": 0, "api_key": SECRET, "clock_scale": 0.001}
    return SandboxSettings.model_validate({**values, **more})


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("a@ville.example", Kind.DELIVERED),
        ("a+hardfail@ville.example", Kind.HARD_BOUNCE),
        ("a+softfail@ville.example", Kind.DEFERRED),
        ("a+held@ville.example", Kind.HELD),
    ],
)
def test_a_signed_webhook_tells_the_fate(tmp_path: Path, address: str, kind: Kind) -> None:
    queue: Queue[RawRequest] = Queue()
    with receiver(queue.put) as url, Sandbox(settings(webhook_url=url), tmp_path) as sandbox:
        provider = Postal(sandbox.http_url, SECRET)
        [result] = provider.send([message(address=address)], attempt_key=ATTEMPT)
        [event] = provider.parse_webhook(queue.get(timeout=WAIT_SECONDS))
    assert (event.kind, event.key, event.recipient) == (kind, KEY, address)
    assert event.provider_ref == result.provider_ref


@pytest.mark.parametrize(
    ("fault", "status", "taken"),
    [
        ("commit_then_hang", Status.UNKNOWN, 1),
        ("commit_then_reset", Status.UNKNOWN, 1),
        ("commit_then_500", Status.UNKNOWN, 1),
        ("truncated_200", Status.UNKNOWN, 1),
        ("reset_before_commit", Status.UNKNOWN, 0),
        ("proxy_502_html", Status.UNKNOWN, 0),
        ("proxy_429", Status.RETRY, 0),
    ],
)
def test_a_fault_is_never_taken_for_more_than_it_says(
    tmp_path: Path, fault: str, status: Status, taken: int
) -> None:
    with Sandbox(settings(), tmp_path) as sandbox:
        requests.post(f"{sandbox.control_url}/faults", json={"fault": fault}, timeout=5).raise_for_status()
        provider = Postal(sandbox.http_url, SECRET, limits=Limits(read=1.0, total=2.0))
        [result] = provider.send([message()], attempt_key=ATTEMPT)
        [after] = provider.send([message(key="z" * 26)], attempt_key=ATTEMPT)
        assert result.status is status
        assert after.status is Status.ACCEPTED
        assert len(sandbox.journal()) == taken + 1


@pytest.mark.parametrize("fault", ["bad_signature", "old_key"])
def test_a_webhook_of_another_hand_is_refused(tmp_path: Path, fault: str) -> None:
    queue: Queue[RawRequest] = Queue()
    with receiver(queue.put) as url, Sandbox(settings(webhook_url=url), tmp_path) as sandbox:
        requests.post(f"{sandbox.control_url}/faults", json={"fault": fault}, timeout=5).raise_for_status()
        provider = Postal(sandbox.http_url, SECRET)
        provider.send([message()], attempt_key=ATTEMPT)
        with pytest.raises(BadSignature):
            provider.parse_webhook(queue.get(timeout=WAIT_SECONDS))


def test_a_wrong_key_halts(tmp_path: Path) -> None:
    with Sandbox(settings(), tmp_path) as sandbox:
        with pytest.raises(ProviderHalt) as caught:
            Postal(sandbox.http_url, "x" * 24).send([message()], attempt_key=ATTEMPT)
        assert sandbox.journal() == []
    assert caught.value.reason == "credentials"


def test_a_sender_of_another_domain_halts(tmp_path: Path) -> None:
    with Sandbox(settings(domains=["elsewhere.example"]), tmp_path) as sandbox:
        with pytest.raises(ProviderHalt) as caught:
            Postal(sandbox.http_url, SECRET).send([message()], attempt_key=ATTEMPT)
        assert sandbox.journal() == []
    assert caught.value.reason == "unverified-sender"
