"""What the webhooks of Sweego are worth, and what they say."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mailer.model.mail import Kind, ProviderEvent
from mailer.providers import BadSignature, Malformed
from mailer.providers.sweego import Sweego
from tests.providers.samples import KEY, NOW
from tests.providers.sweego_fake import signed

HOOK = base64.b64encode(b"a signing key of twenty-four b").decode()


DELIVERED = {
    "event_type": "delivered",
    "timestamp": "2024-09-02T08:45:08+02:00",
    "swg_uid": "02-abc123",
    "event_id": "10c072f1-7821-4f30-9574-f13e3890701a",
    "transaction_id": "73c9d591",
    "headers": {"x-delivery": KEY, "x-transaction-id": "73c9d591"},
    "campaign_id": "letter-12",
    "recipient": "a@ville.example",
    "domain_from": "reseau.example",
    "details": "250 2.0.0 OK",
}


def read(body: object, **how: Any) -> list[ProviderEvent]:
    return Sweego("key", webhook_key=HOOK).parse_webhook(signed(body, HOOK, **how))


def test_a_delivery_is_read_whole() -> None:
    assert read(DELIVERED) == [
        ProviderEvent(
            provider="sweego",
            kind=Kind.DELIVERED,
            at=datetime(2024, 9, 2, 6, 45, 8, tzinfo=UTC),
            dedupe="10c072f1-7821-4f30-9574-f13e3890701a",
            key=KEY,
            provider_ref="02-abc123",
            recipient="a@ville.example",
            smtp_code="2.0.0",
            detail="250 2.0.0 OK",
        )
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("email_sent", Kind.ACCEPTED),
        ("soft-bounce", Kind.SOFT_BOUNCE),
        ("soft_bounce", Kind.SOFT_BOUNCE),
        ("hard_bounce", Kind.HARD_BOUNCE),
        ("hard-bounce", Kind.HARD_BOUNCE),
        ("list_unsub", Kind.UNSUBSCRIBE),
        ("complaint", Kind.COMPLAINT),
        ("something_new", Kind.NOTICE),
    ],
)
def test_hyphens_and_underscores_are_one(name: str, kind: Kind) -> None:
    [event] = read({**DELIVERED, "event_type": name, "details": "", "response_code": 550})
    assert (event.kind, event.smtp_code) == (kind, "550")


def test_opens_and_clicks_of_sweego_are_dropped() -> None:
    seen = {"user_agent": "U", "ip": "192.0.2.1", "proxy": False, "url": "https://a.example/"}
    naive = {**DELIVERED, "timestamp": "2024-09-02T08:45:08"}
    opened, clicked = (
        {**naive, "event_type": "email_opened", "open": seen},
        {**naive, "event_type": "email_clicked"},
    )
    assert read([opened, clicked]) == []


def test_a_time_without_offset_is_taken_for_utc() -> None:
    [event] = read({**DELIVERED, "timestamp": "2024-09-02T08:45:08"})
    assert event.at == datetime(2024, 9, 2, 8, 45, 8, tzinfo=UTC)


@pytest.mark.parametrize("age", [-299, 0, 299])
def test_a_call_within_five_minutes_is_believed(age: float) -> None:
    assert len(read(DELIVERED, age=age)) == 1


@pytest.mark.parametrize("age", [-301, 301, 86400])
def test_a_recording_is_not(age: float) -> None:
    with pytest.raises(BadSignature):
        read(DELIVERED, age=age)


GOOD = signed(DELIVERED, HOOK)


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "é"},
        {"webhook-signature": GOOD.headers["webhook-signature"][:-1]},
        {"webhook-signature": "v1," + GOOD.headers["webhook-signature"]},
        {"webhook-id": "another"},
        {"webhook-id": ""},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": str(int(NOW.timestamp()) + 1)},
        {"webhook-timestamp": "soon"},
    ],
)
def test_what_sweego_did_not_sign_is_refused(changes: dict[str, str]) -> None:
    request = replace(GOOD, headers={**GOOD.headers, **changes})
    with pytest.raises(BadSignature):
        Sweego("key", webhook_key=HOOK).parse_webhook(request)


def test_other_bytes_another_key_or_no_key_are_refused() -> None:
    other = base64.b64encode(b"another key").decode()
    for request, key in (
        (replace(GOOD, body=GOOD.body + b" "), HOOK),
        (GOOD, other),
        (signed(DELIVERED, ""), ""),
    ):
        with pytest.raises(BadSignature):
            Sweego("key", webhook_key=key).parse_webhook(request)


@pytest.mark.parametrize("stamp", ["9" * 400, "-9" * 10, "nan"])
def test_a_signed_time_that_is_none_is_refused(stamp: str) -> None:
    with pytest.raises(BadSignature):
        Sweego("key", webhook_key=HOOK).parse_webhook(signed(DELIVERED, HOOK, stamp=stamp))


@pytest.mark.parametrize(
    "body",
    [
        7,
        "x",
        None,
        [1],
        {**DELIVERED, "event_id": ""},
        {**DELIVERED, "timestamp": "now"},
        {**DELIVERED, "timestamp": 1},
    ],
)
def test_what_is_signed_but_misshapen_is_malformed(body: object) -> None:
    with pytest.raises(Malformed):
        read(body)


@pytest.mark.parametrize("headers", [None, [], {}, {"x-delivery": 7}, {"x-delivery": "x"}])
def test_what_is_not_our_key_is_none(headers: object) -> None:
    assert read({**DELIVERED, "headers": headers})[0].key is None
