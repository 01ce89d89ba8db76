"""Each fault, observed from the client's side of the wire."""

import base64
import json
import socket
from pathlib import Path

import pytest
import requests

from mailer.sandbox import Sandbox
from tests.sandbox.conftest import KEY, Receiver, control, mime, send_raw


def _request(sandbox: Sandbox, *, seconds: float = 5) -> bytes:
    """Everything that the server sends back over a plain socket."""
    data = base64.b64encode(mime()).decode()
    body = json.dumps(
        {"mail_from": "l@reseau.example", "rcpt_to": ["a@ville.example"], "data": data}
    ).encode()
    head = f"POST /api/v1/send/raw HTTP/1.1\r\nHost: x\r\nX-Server-API-Key: {KEY}\r\nContent-Type: application/json\r\n"
    port = int(sandbox.http_url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as client:
        client.sendall(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        received = b""
        while piece := client.recv(65_536):
            received += piece
    return received


def _kept(sandbox: Sandbox) -> int:
    return len(sandbox.journal())


def test_commit_then_reset_keeps_the_mail_and_resets_the_connection(sandbox: Sandbox) -> None:
    control(sandbox, "faults", fault="commit_then_reset")
    with pytest.raises(ConnectionResetError):
        _request(sandbox)
    assert _kept(sandbox) == 1


def test_reset_before_commit_keeps_nothing(sandbox: Sandbox) -> None:
    control(sandbox, "faults", fault="reset_before_commit")
    with pytest.raises(ConnectionResetError):
        _request(sandbox)
    assert _kept(sandbox) == 0


def test_commit_then_hang_keeps_the_mail_and_never_answers(sandbox: Sandbox) -> None:
    control(sandbox, "faults", fault="commit_then_hang")
    with pytest.raises(TimeoutError):
        _request(sandbox, seconds=0.5)
    assert _kept(sandbox) == 1


def test_commit_then_500_keeps_the_mail_behind_a_page(sandbox: Sandbox) -> None:
    control(sandbox, "faults", fault="commit_then_500")
    with pytest.raises(requests.JSONDecodeError):
        send_raw(sandbox, mime())
    assert _kept(sandbox) == 1


def test_truncated_200_ends_in_the_middle_of_the_body(sandbox: Sandbox) -> None:
    control(sandbox, "faults", fault="truncated_200")
    received = _request(sandbox)
    head, _, body = received.partition(b"\r\n\r\n")
    announced = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    assert received.startswith(b"HTTP/1.1 200")
    assert 0 < len(body) < announced
    assert _kept(sandbox) == 1


@pytest.mark.parametrize(("fault", "status"), [("proxy_502_html", 502), ("proxy_429", 429)])
def test_a_proxy_answers_in_html_and_forwards_nothing(sandbox: Sandbox, fault: str, status: int) -> None:
    control(sandbox, "faults", fault=fault, retry_after=7)
    answer = requests.post(f"{sandbox.http_url}/api/v1/send/raw", json={}, timeout=5)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html")
    assert answer.headers.get("retry-after") == ("7" if status == 429 else None)
    assert _kept(sandbox) == 0


def test_slow_answers_in_the_end(sandbox: Sandbox) -> None:
    control(sandbox, "faults", fault="slow", seconds=0.05)
    assert send_raw(sandbox, mime())["status"] == "success"


def test_a_fault_befalls_as_often_as_ordered_and_can_be_lifted(sandbox: Sandbox) -> None:
    control(sandbox, "faults", fault="reset_before_commit", times=2)
    for _ in range(2):
        with pytest.raises(ConnectionResetError):
            _request(sandbox)
    assert send_raw(sandbox, mime())["status"] == "success"
    control(sandbox, "faults", fault="reset_before_commit", times=5)
    requests.delete(f"{sandbox.control_url}/faults", timeout=5)
    assert send_raw(sandbox, mime())["status"] == "success"


def test_webhooks_may_arrive_before_the_answer(reporting: Sandbox, receiver: Receiver) -> None:
    control(reporting, "faults", fault="before_response")
    assert send_raw(reporting, mime())["status"] == "success"
    assert len(receiver.events("MessageSent")) == 1


def test_stopping_does_not_wait_for_a_hung_client(tmp_path: Path, sandbox: Sandbox) -> None:
    control(sandbox, "faults", fault="commit_then_hang")
    port = int(sandbox.http_url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"POST /api/v1/send/raw HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
        sandbox.stop()


def test_the_control_face_refuses_a_foreign_host(sandbox: Sandbox) -> None:
    answer = requests.get(f"{sandbox.control_url}/stats", headers={"Host": "attacker.example"}, timeout=5)
    assert answer.status_code == 400
