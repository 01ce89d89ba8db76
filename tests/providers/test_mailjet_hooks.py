"""What the webhooks of Mailjet are worth, and what they say."""

from dataclasses import replace
from typing import Any

import pytest

from mailer.model.mail import Kind, ProviderEvent
from mailer.providers import BadSignature, Malformed
from mailer.providers.mailjet import Mailjet
from tests.providers.hooks import basic, bearer, raw
from tests.providers.samples import KEY

SENT = {
    "event": "sent",
    "time": 1433333949,
    "MessageID": 19421777835146490,
    "email": "a@ville.example",
    "customcampaign": "letter-12",
    "CustomID": KEY,
    "smtp_reply": "sent (250 2.0.0 OK a@ville.example)",
}


def read(body: object) -> list[ProviderEvent]:
    return Mailjet("k:s", webhook_key="hook-key").parse_webhook(raw(body, basic("relais", "hook-key")))


def test_a_delivery_is_read_whole() -> None:
    [event] = read([SENT])
    assert (event.kind, event.key, event.provider_ref) == (Kind.DELIVERED, KEY, "19421777835146490")
    assert (event.at.timestamp(), event.smtp_code, event.recipient) == (
        1433333949,
        "2.0.0",
        "a@ville.example",
    )
    assert "a@ville.example" not in event.detail


def test_one_bare_event_is_read_as_an_array_of_one() -> None:
    assert read(SENT) == read([SENT])


@pytest.mark.parametrize(
    ("event", "kind", "code"),
    [
        ({"event": "bounce", "hard_bounce": True, "error": "user unknown"}, Kind.HARD_BOUNCE, None),
        ({"event": "bounce", "hard_bounce": True, "comment": "550 5.7.1 no"}, Kind.HARD_BOUNCE, "5.7.1"),
        ({"event": "bounce", "hard_bounce": False, "error": "quota exceeded"}, Kind.SOFT_BOUNCE, None),
        ({"event": "bounce", "hard_bounce": False, "error": "greylisted"}, Kind.DEFERRED, None),
        ({"event": "blocked", "error": "preblocked"}, Kind.BLOCKED, None),
        ({"event": "blocked", "error": "duplicate in campaign"}, Kind.ACCEPTED, None),
        ({"event": "spam", "source": "JMRPP"}, Kind.COMPLAINT, None),
        ({"event": "unsub", "mj_list_id": 1}, Kind.UNSUBSCRIBE, None),
        ({"event": "typofix"}, Kind.NOTICE, None),
    ],
)
def test_each_event_has_its_kind(event: dict[str, Any], kind: Kind, code: str | None) -> None:
    [found] = read([{**SENT, "smtp_reply": "", **event}])
    assert (found.kind, found.smtp_code) == (kind, code)


def test_opens_and_clicks_of_mailjet_are_dropped() -> None:
    opened = {**SENT, "event": "open", "ip": "192.0.2.1", "geo": "FR", "agent": "U"}
    assert read([opened, {**SENT, "event": "click", "url": "https://a.example/"}]) == []


def test_a_repetition_has_the_same_id_and_another_event_has_not() -> None:
    ids = {
        read(SENT)[0].dedupe,
        read([SENT])[0].dedupe,
        read({**SENT, "email": "other@ville.example"})[0].dedupe,
    }
    others = {
        read({**SENT, name: value})[0].dedupe
        for name, value in (("time", 1), ("event", "spam"), ("MessageID", 2))
    }
    assert len(ids) == 1
    assert len(ids | others) == 4


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("relais", "wrong"),
        basic("hook-key", ""),
        bearer("wrong"),
        {"authorization": "hook-key"},
        {"authorization": "Basic %%%"},
        {"authorization": "Basic é"},
        {"authorization": "Digest hook-key"},
    ],
)
def test_who_does_not_know_the_password_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        Mailjet("k:s", webhook_key="hook-key").parse_webhook(raw(SENT, headers))


def test_without_a_password_nothing_is_believed() -> None:
    with pytest.raises(BadSignature):
        Mailjet("k:s").parse_webhook(raw(SENT, basic("relais", "")))


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 100_000, b"1", b"[1]", b"null"])
def test_what_is_misshapen_is_malformed(body: bytes) -> None:
    request = replace(raw(SENT, bearer("hook-key")), body=body)
    with pytest.raises(Malformed):
        Mailjet("k:s", webhook_key="hook-key").parse_webhook(request)


@pytest.mark.parametrize("time", [None, "now", True, 1e300])
def test_an_event_without_a_time_is_malformed(time: object) -> None:
    with pytest.raises(Malformed):
        read({**SENT, "time": time})
