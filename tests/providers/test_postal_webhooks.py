"""Only what Postal signed is believed, and it is read by its shape."""

import base64
import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mailer.model.mail import Kind, ProviderEvent
from mailer.providers import BadSignature, Malformed
from mailer.providers.postal import Postal
from tests.providers import postal_fake
from tests.providers.postal_fake import Key, about, hook, request, state
from tests.providers.samples import KEY, NOW

SIGNING = Key()
OTHER = Key()


@pytest.fixture
def fake() -> Iterator[postal_fake.Postal]:
    fake = postal_fake.Postal("key", SIGNING)
    with fake.server:
        yield fake


@pytest.fixture
def provider(fake: postal_fake.Postal) -> Postal:
    return Postal(fake.server.url, "key")


def read(provider: Postal, event: str, payload: object, **envelope: Any) -> list[ProviderEvent]:
    body = hook(event, payload, **envelope)
    return provider.parse_webhook(request(body, SIGNING.sign(body)))


def test_a_delivery_is_read_whole(provider: Postal) -> None:
    payload = state("Sent", details="Message for a@ville.example accepted", output="250 2.0.0 OK\n")
    assert read(provider, "MessageSent", payload) == [
        ProviderEvent(
            provider="postal",
            kind=Kind.DELIVERED,
            at=datetime.fromtimestamp(NOW.timestamp() - 1.5, UTC),
            dedupe=f"MessageSent|1563|{NOW.timestamp() - 1.5}",
            key=KEY,
            provider_ref="1563",
            recipient="a@ville.example",
            smtp_code="2.0.0",
            detail="Message for … accepted 250 2.0.0 OK",
        )
    ]


@pytest.mark.parametrize(
    ("event", "payload", "kind", "code"),
    [
        ("MessageDelayed", state("SoftFail", output="450 4.2.0 Greylisted"), Kind.DEFERRED, "4.2.0"),
        ("MessageDelayed", state("SoftFail", output="421 Try again"), Kind.DEFERRED, "421"),
        ("MessageDeliveryFailed", state("HardFail", output="550-5.1.1 No"), Kind.HARD_BOUNCE, "5.1.1"),
        ("MessageHeld", state("Held", details="Recipient is on the suppression list"), Kind.BLOCKED, None),
        ("MessageHeld", state("Held", details="Exceeded send limit"), Kind.HELD, None),
        ("MessageSent", state("Unheard of"), Kind.NOTICE, None),
        ("MessageOdd", {"message": about()}, Kind.NOTICE, None),
        ("DomainDNSError", {"domain": "reseau.example", "spf_status": "Missing"}, Kind.NOTICE, None),
        ("SendLimitExceeded", {"server": {"name": "s"}, "limit": 10}, Kind.NOTICE, None),
        (
            "MessageLoaded",
            {"message": about(), "ip_address": "192.0.2.1", "user_agent": "U"},
            Kind.OPEN,
            None,
        ),
    ],
)
def test_each_shape_has_its_kind(
    provider: Postal, event: str, payload: object, kind: Kind, code: str | None
) -> None:
    [found] = read(provider, event, payload)
    assert (found.kind, found.smtp_code) == (kind, code)


def test_a_bounce_is_about_the_original_mail(provider: Postal) -> None:
    bounce = about(id=9, direction="incoming", message_id="other@elsewhere.example")
    [found] = read(provider, "MessageBounced", {"original_message": about(), "bounce": bounce})
    assert (found.kind, found.key, found.provider_ref) == (Kind.HARD_BOUNCE, KEY, "1563")


def test_a_click_keeps_the_link_and_not_the_place(provider: Postal) -> None:
    seen = {"url": "https://a.example/", "token": "t", "ip_address": "192.0.2.1", "user_agent": "Secret/1"}
    [found] = read(provider, "MessageLinkClicked", {"message": about(), **seen})
    assert (found.kind, found.url, found.machine) == (Kind.CLICK, "https://a.example/", None)
    assert "192.0.2.1" not in repr(found)
    assert "Secret" not in repr(found)


def test_incoming_mail_is_none_of_our_business(provider: Postal) -> None:
    assert read(provider, "MessageSent", state("Sent", direction="incoming")) == []


@pytest.mark.parametrize("message_id", ["proof@reseau.example", "", None, "x" * 26])
def test_a_foreign_message_id_gives_no_key(provider: Postal, message_id: str | None) -> None:
    [found] = read(provider, "MessageSent", state("Sent", message_id=message_id))
    assert (found.key, found.provider_ref) == (None, "1563")


def test_two_hooks_at_our_address_are_one_event(provider: Postal) -> None:
    [one] = read(provider, "MessageSent", state("Sent"), uuid="first")
    [two] = read(provider, "MessageSent", state("Sent"), uuid="second")
    assert one == two


def test_two_attempts_are_two_events(provider: Postal) -> None:
    [one] = read(provider, "MessageDelayed", state("SoftFail"))
    [two] = read(provider, "MessageDelayed", {**state("SoftFail"), "timestamp": NOW.timestamp()})
    assert one.dedupe != two.dedupe


@pytest.mark.parametrize("age", [-290, 0, 299, 36 * 60, 44 * 60])
def test_a_late_repetition_is_believed(provider: Postal, age: float) -> None:
    assert len(read(provider, "MessageSent", state("Sent"), age=age)) == 1


@pytest.mark.parametrize("age", [-310, 46 * 60, 86400])
def test_an_old_recording_is_not(provider: Postal, age: float) -> None:
    with pytest.raises(BadSignature):
        read(provider, "MessageSent", state("Sent"), age=age)


BODY = hook("MessageSent", state("Sent"))
GOOD = SIGNING.sign(BODY)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BODY, {}),
        (BODY, {"x-postal-signature": GOOD["x-postal-signature"], "x-postal-signature-kid": SIGNING.kid}),
        (BODY, {**GOOD, "x-postal-signature-256": ""}),
        (BODY, {**GOOD, "x-postal-signature-256": "%%%"}),
        (BODY, {**GOOD, "x-postal-signature-256": "é"}),
        (BODY, {**GOOD, "x-postal-signature-256": base64.b64encode(b"\0" * 256).decode()}),
        (BODY, {**GOOD, "x-postal-signature-256": GOOD["x-postal-signature"]}),
        (BODY, {**GOOD, "x-postal-signature-kid": ""}),
        (BODY, OTHER.sign(BODY)),
        (BODY, {**OTHER.sign(BODY), "x-postal-signature-kid": SIGNING.kid}),
        (BODY + b" ", GOOD),
        (gzip.compress(BODY), GOOD),
        (json.dumps(json.loads(BODY), separators=(",", ":")).encode(), GOOD),
    ],
)
def test_what_postal_did_not_sign_is_refused(provider: Postal, body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        provider.parse_webhook(request(body, headers))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        b'{"event":"MessageSent"}',
        b'{"event":"MessageSent","timestamp":"now","uuid":"u","payload":{}}',
        b'{"event":"MessageSent","timestamp":true,"uuid":"u","payload":{}}',
        b'{"event":"MessageSent","timestamp":1e300,"uuid":"u","payload":{}}',
        b'{"event":"MessageSent","timestamp":NaN,"uuid":"u","payload":{}}',
        hook("MessageSent", []),
        hook("MessageSent", None),
        hook("MessageSent", state("Sent"), uuid=""),
        hook("MessageSent", {**state("Sent"), "timestamp": None}),
    ],
)
def test_what_is_signed_but_misshapen_is_malformed(provider: Postal, body: bytes) -> None:
    with pytest.raises(Malformed):
        provider.parse_webhook(request(body, SIGNING.sign(body)))


def test_keys_are_asked_for_once(provider: Postal, fake: postal_fake.Postal) -> None:
    for _ in range(3):
        read(provider, "MessageSent", state("Sent"))
    assert fake.asked_for_keys == 1


def test_a_flood_of_unknown_keys_asks_once_a_minute(provider: Postal, fake: postal_fake.Postal) -> None:
    for seconds in (0, 1, 30, 59, 60, 61, 119):
        call = replace(request(BODY, OTHER.sign(BODY)), received_at=NOW + timedelta(seconds=seconds))
        with pytest.raises(BadSignature):
            provider.parse_webhook(call)
    assert fake.asked_for_keys == 2


def test_a_new_key_is_learnt_and_the_old_one_kept(provider: Postal, fake: postal_fake.Postal) -> None:
    read(provider, "MessageSent", state("Sent"))
    fake.keys = [OTHER]
    call = replace(request(BODY, OTHER.sign(BODY)), received_at=NOW + timedelta(minutes=1))
    assert len(provider.parse_webhook(call)) == 1
    assert len(read(provider, "MessageSent", state("Sent"))) == 1


def test_a_key_cannot_be_replaced_under_its_name(provider: Postal, fake: postal_fake.Postal) -> None:
    read(provider, "MessageSent", state("Sent"))
    impostor = Key()
    impostor.kid = SIGNING.kid
    fake.keys = [impostor, OTHER]
    later = NOW + timedelta(minutes=2)
    provider.parse_webhook(replace(request(BODY, OTHER.sign(BODY)), received_at=later))
    with pytest.raises(BadSignature):
        provider.parse_webhook(replace(request(BODY, impostor.sign(BODY)), received_at=later))


def test_without_postal_nothing_is_believed() -> None:
    fake = postal_fake.Postal("key")
    with fake.server, pytest.raises(BadSignature):
        read(Postal(fake.server.url, "key"), "MessageSent", state("Sent"))
