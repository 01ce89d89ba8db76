"""Webhooks as a receiver sees them: shape, signature, retries, and what goes wrong with them."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from mailer.sandbox import Sandbox
from tests.sandbox.conftest import Receiver, control, mime, send_raw, settings, until


def _public_key(sandbox: Sandbox) -> tuple[rsa.RSAPublicKey, str]:
    (key,) = requests.get(f"{sandbox.http_url}/.well-known/jwks.json", timeout=5).json()["keys"]
    n, e = (int.from_bytes(base64.urlsafe_b64decode(key[name] + "=="), "big") for name in ("n", "e"))
    return rsa.RSAPublicNumbers(e, n).public_key(), key["kid"]


def _is_signed(key: rsa.RSAPublicKey, header: str, body: bytes, algorithm: hashes.HashAlgorithm) -> bool:
    try:
        key.verify(base64.b64decode(header, validate=True), body, padding.PKCS1v15(), algorithm)
    except InvalidSignature:
        return False
    return True


def test_a_sent_message_is_reported_in_postals_envelope(reporting: Sandbox, receiver: Receiver) -> None:
    accepted = send_raw(reporting, mime("k9"))["data"]["messages"]["a@ville.example"]
    (event,) = until(lambda: receiver.events("MessageSent"))
    message = event["payload"]["message"]
    assert set(event) == {"event", "timestamp", "uuid", "payload"}
    assert {name: message[name] for name in ("id", "token")} == accepted
    assert message["message_id"] == "k9@reseau.example"
    assert (message["to"], message["tag"]) == ("a@ville.example", "lettre-47")
    assert (message["direction"], message["spam_status"]) == ("outgoing", "NotChecked")
    assert event["payload"]["status"] == "Sent"
    assert receiver.got[0].headers["User-Agent"] == "Postal/3.3.6"
    assert receiver.got[0].headers["Content-Type"] == "application/json"


def test_all_three_signature_headers_verify_with_the_published_key(
    reporting: Sandbox, receiver: Receiver
) -> None:
    send_raw(reporting, mime())
    until(lambda: receiver.got)
    key, kid = _public_key(reporting)
    headers, body = receiver.got[0].headers, receiver.got[0].body
    public = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    assert _is_signed(key, headers["X-Postal-Signature-256"], body, hashes.SHA256())
    assert _is_signed(key, headers["X-Postal-Signature"], body, hashes.SHA1())
    assert headers["X-Postal-Signature-KID"] == kid == hashlib.sha256(public).hexdigest()


def test_the_dkim_record_holds_the_same_key(reporting: Sandbox) -> None:
    text = reporting.default_dkim_record().partition("p=")[2].rstrip(";")
    found = serialization.load_der_public_key(base64.b64decode(text))
    assert isinstance(found, rsa.RSAPublicKey)
    assert found.public_numbers() == _public_key(reporting)[0].public_numbers()


@pytest.mark.parametrize(
    ("address", "kinds"),
    [
        ("a@ville.example", ["MessageSent"]),
        ("a+hardfail@ville.example", ["MessageDeliveryFailed"]),
        ("a+softfail@ville.example", ["MessageDelayed", "MessageSent"]),
        ("a+held@ville.example", ["MessageHeld"]),
        ("a+bounce@ville.example", ["MessageSent", "MessageBounced"]),
    ],
)
def test_the_address_decides_what_is_reported(
    reporting: Sandbox, receiver: Receiver, address: str, kinds: list[str]
) -> None:
    send_raw(reporting, mime(), address)
    until(lambda: len(receiver.got) >= len(kinds))
    assert [each.event["event"] for each in receiver.got] == kinds


def test_a_bounce_names_the_original_and_the_incoming_message(reporting: Sandbox, receiver: Receiver) -> None:
    send_raw(reporting, mime("k3"), "a+bounce@ville.example")
    (event,) = until(lambda: receiver.events("MessageBounced"))
    assert "status" not in event["payload"]
    assert event["payload"]["original_message"]["message_id"] == "k3@reseau.example"
    assert event["payload"]["bounce"]["direction"] == "incoming"


def test_a_suppressed_address_is_held(reporting: Sandbox, receiver: Receiver) -> None:
    control(reporting, "server", suppress=["A@ville.example"])
    send_raw(reporting, mime())
    (event,) = until(lambda: receiver.events("MessageHeld"))
    assert "suppression list" in event["payload"]["details"]


def test_two_hard_fails_suppress_the_address(reporting: Sandbox, receiver: Receiver) -> None:
    for count in (1, 2):
        send_raw(reporting, mime(), "a+hardfail@ville.example")
        until(lambda count=count: len(receiver.events("MessageDeliveryFailed")) == count)
    send_raw(reporting, mime(), "a+hardfail@ville.example")
    assert "suppression list" in until(lambda: receiver.events("MessageHeld"))[0]["payload"]["details"]


def test_over_the_send_limit_messages_are_held_though_the_api_said_success(
    reporting: Sandbox, receiver: Receiver
) -> None:
    control(reporting, "server", send_limit=2)
    assert {send_raw(reporting, mime(f"k{n}"))["status"] for n in range(5)} == {"success"}
    until(lambda: len(receiver.events("MessageHeld")) == 3 and receiver.events("SendLimitExceeded"))
    assert len(receiver.events("MessageSent")) == 2
    assert "send limit" in receiver.events("MessageHeld")[0]["payload"]["details"]


def test_a_refused_webhook_comes_again_with_the_same_uuid(reporting: Sandbox, receiver: Receiver) -> None:
    receiver.answers += [500, 302, 404]
    send_raw(reporting, mime())
    until(lambda: len(receiver.got) == 4)
    assert len({each.event["uuid"] for each in receiver.got}) == 1


def test_a_webhook_is_dropped_after_its_sixth_attempt(reporting: Sandbox, receiver: Receiver) -> None:
    receiver.answers += [500] * 6
    send_raw(reporting, mime())
    until(lambda: len(receiver.got) == 6 and _stats(reporting)["webhooks_waiting"] == 0)
    assert _stats(reporting)["webhooks_delivered"] == 0


def test_a_restart_keeps_the_queue_the_key_and_the_mail(tmp_path: Path, receiver: Receiver) -> None:
    root = tmp_path / "sandbox"
    receiver.answers += [500]
    with Sandbox(settings(webhook_url=receiver.url, clock_scale=0.01), root) as first:
        send_raw(first, mime())
        until(lambda: receiver.got)
        before = first.default_dkim_record()
    with Sandbox(settings(webhook_url=receiver.url, clock_scale=0.01), root) as second:
        until(lambda: len(receiver.got) == 2)
        assert second.default_dkim_record() == before
        assert len(second.journal()) == 1
        assert send_raw(second, mime())["data"]["messages"]["a@ville.example"]["id"] == 2
    assert receiver.got[0].event == receiver.got[1].event


def test_a_server_may_report_some_events_only(tmp_path: Path, receiver: Receiver) -> None:
    chosen = settings(webhook_url=receiver.url, webhook_events=["MessageDeliveryFailed"])
    with Sandbox(chosen, tmp_path / "sandbox") as sandbox:
        send_raw(sandbox, mime(), "a@ville.example", "b+hardfail@ville.example")
        until(lambda: receiver.got and _stats(sandbox)["webhooks_waiting"] == 0)
        assert set(_stats(sandbox)["statuses"]) == {"Sent", "HardFail"}
    assert [each.event["event"] for each in receiver.got] == ["MessageDeliveryFailed"]


@pytest.mark.parametrize("fault", ["duplicate", "replay"])
def test_a_copy_may_follow_with_the_same_uuid(reporting: Sandbox, receiver: Receiver, fault: str) -> None:
    control(reporting, "faults", fault=fault)
    send_raw(reporting, mime())
    until(lambda: len(receiver.got) == 2)
    assert receiver.got[0].body == receiver.got[1].body


@pytest.mark.parametrize("fault", ["bad_signature", "old_key"])
def test_a_false_copy_may_come_ahead_of_the_true_one(
    reporting: Sandbox, receiver: Receiver, fault: str
) -> None:
    control(reporting, "faults", fault=fault)
    send_raw(reporting, mime())
    until(lambda: len(receiver.got) == 2)
    key, _ = _public_key(reporting)
    valid = [
        _is_signed(key, each.headers["X-Postal-Signature-256"], each.body, hashes.SHA256())
        for each in receiver.got
    ]
    assert valid == [False, True]


def test_reordered_webhooks_are_overtaken(reporting: Sandbox, receiver: Receiver) -> None:
    control(reporting, "faults", fault="reorder")
    send_raw(reporting, mime("first"), "a+softfail@ville.example")
    until(lambda: len(receiver.got) == 2)
    assert [each.event["event"] for each in receiver.got] == ["MessageSent", "MessageDelayed"]


def _stats(sandbox: Sandbox) -> Any:
    return requests.get(f"{sandbox.control_url}/stats", timeout=5).json()
