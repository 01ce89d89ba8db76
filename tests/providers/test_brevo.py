"""What each answer means, what is said to Brevo, and what its webhooks are worth."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from mailer.clock import FixedClock
from mailer.errors import ProviderHalt, SettingError
from mailer.model.mail import Kind, Mailbox, ProviderEvent, Resolved, SendResult, Status
from mailer.providers import BadSignature, Malformed
from mailer.providers.brevo import Brevo, request_body
from mailer.providers.http import Limits
from tests.providers.brevo_fake import BrevoApi
from tests.providers.contract import ATTEMPT, pending
from tests.providers.hooks import basic, bearer, raw
from tests.providers.hosted_fake import HTML, Host
from tests.providers.samples import KEY, NOW, message
from tests.providers.scripted import Script, answer, closed_port, drip, hang, reset, scripted, truncated

QUICK = Limits(connect=0.5, read=0.3, total=0.5)
REF = "<201801020304.1234567890@smtp-relay.mailin.example>"
TAKEN = json.dumps({"messageId": REF})
HEADERS = {
    "Message-ID": "<x@reseau.example>",
    "Subject": "=?utf-8?b?w6k=?=",
    "List-Unsubscribe": "<https://lettres.reseau.example/u/1>, <mailto:a@reseau.example>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}


def send(*scripts: Script) -> SendResult:
    with scripted(*scripts) as server:
        provider = Brevo("key", url=server.url, limits=QUICK, clock=FixedClock(NOW))
        return provider.send([message()], attempt_key=ATTEMPT)[0]


def refused(code: str, said: str = "said", *, status: int = 400) -> Script:
    return answer(json.dumps({"code": code, "message": said}), status=status)


def test_the_call_is_what_brevo_documents() -> None:
    with scripted(answer(TAKEN, status=201)) as server:
        Brevo("thekey", url=server.url).send([message()], attempt_key=ATTEMPT)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v3/smtp/email HTTP/1.1\r\n")
    assert b"\r\napi-key: thekey\r\n" in head
    mail = json.loads(body)
    assert mail["headers"]["X-Mailin-custom"] == KEY
    assert UUID(mail["headers"]["idempotencyKey"]).version == 4
    assert (mail["to"], mail["tags"]) == ([{"email": "a@ville.example"}], ["letter-12"])


def test_the_same_attempt_has_the_same_bytes_and_another_another_key() -> None:
    first, again, later = (request_body(message(), key) for key in (ATTEMPT, UUID(int=7), UUID(int=8)))
    other = request_body(message(key="z" * 26), ATTEMPT)
    assert first == again
    keys = {json.loads(each)["headers"]["idempotencyKey"] for each in (first, later, other)}
    assert len(keys) == 3


def test_only_plain_headers_travel_and_names_travel_as_text() -> None:
    mail = replace(message(), headers=HEADERS)
    box = Mailbox("Éloïse", "a@ville.example")
    body = request_body(replace(mail, envelope=replace(mail.envelope, to=box)), ATTEMPT)
    assert body.isascii()
    call = json.loads(body)
    assert set(call["headers"]) == {
        "List-Unsubscribe", "List-Unsubscribe-Post", "X-Mailin-custom", "idempotencyKey",
    }  # fmt: skip
    assert call["to"] == [{"email": "a@ville.example", "name": "Éloïse"}]


def test_a_header_that_is_not_ascii_is_not_handed_over() -> None:
    """Brevo would write it as raw 8-bit."""
    mail = replace(message(), headers={"List-Unsubscribe": "<https://lettres.reseau.example/é>"})
    with Host(BrevoApi("key", FixedClock(NOW))) as host:
        [result] = Brevo("key", url=host.url).send([mail], attempt_key=ATTEMPT)
    assert (result.status, result.code, host.calls) == (Status.REJECTED, "unwritable", [])


@pytest.mark.parametrize("status", [200, 201, 202])
def test_success_is_accepted_with_brevos_own_id(status: int) -> None:
    result = send(answer(TAKEN, status=status))
    assert result == SendResult(KEY, Status.ACCEPTED, provider_ref=REF, http_status=status)


@pytest.mark.parametrize("code", ["duplicate_parameter", "duplicate_request"])
def test_a_key_used_before_means_that_it_was_taken(code: str) -> None:
    result = send(refused(code))
    assert (result.status, result.code, result.provider_ref) == (Status.ACCEPTED, code, None)


@pytest.mark.parametrize(
    "script",
    [
        hang(),
        drip(),
        reset,
        truncated(TAKEN),
        answer(HTML, status=201),
        answer("{}", status=201),
        answer('{"messageId":""}', status=201),
        answer('{"messageId":7}', status=201),
        refused("something_new"),
        answer("", status=400),
        refused("duplicate_parameter", status=500),
        answer(HTML, status=500),
        answer(HTML, status=502),
        answer(HTML, status=503),
        answer("", status=408),
        answer("", status=425),
    ],
)
def test_whatever_is_not_listed_is_a_doubt(script: Script) -> None:
    result = send(script)
    assert result.status is Status.UNKNOWN
    assert result.code


@pytest.mark.parametrize(
    "script",
    [
        refused("invalid_parameter", "email a@123.4 is not valid in to"),
        refused("missing_parameter", "recipient is missing"),
        answer("", status=413),
    ],
)
def test_what_is_wrong_with_this_mail_rejects_it(script: Script) -> None:
    result = send(script)
    assert result.status is Status.REJECTED
    assert "a@123.4" not in result.detail


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (refused("unauthorized", "Key not found", status=401), "credentials"),
        (answer(HTML, status=401), "credentials"),
        (refused("not_enough_credits", status=402), "no-credit"),
        (refused("not_enough_credits", status=400), "no-credit"),
        (refused("permission_denied", status=403), "suspended"),
        (refused("account_under_validation", status=403), "suspended"),
        (refused("invalid_parameter", "the email of the sender is not valid"), "unverified-sender"),
        (refused("invalid_parameter", "htmlContent is too long"), "refused"),
        (answer("", status=302, headers="Location: https://b.example/\r\n"), "redirect"),
        (answer("", status=404), "not-found"),
    ],
)
def test_what_concerns_every_mail_halts(script: Script, reason: str) -> None:
    with pytest.raises(ProviderHalt) as caught:
        send(script)
    assert caught.value.reason == reason


@pytest.mark.parametrize(("headers", "seconds"), [("x-sib-ratelimit-reset: 42\r\n", 42.0), ("", None)])
def test_too_many_requests_wait_as_long_as_brevo_says(headers: str, seconds: float | None) -> None:
    result = send(answer(HTML, status=429, headers=headers))
    assert (result.status, result.retry_after) == (Status.RETRY, seconds)


def test_a_server_that_is_not_there_was_not_sent_to() -> None:
    [result] = Brevo("key", url=f"http://127.0.0.1:{closed_port()}").send([message()], attempt_key=ATTEMPT)
    assert (result.status, result.code) == (Status.RETRY, "connection-refused")


def test_a_key_too_old_would_be_taken_anew() -> None:
    """So the capability says 15 minutes, and the ledger never repeats later (tests/sending/test_hosted.py)."""
    clock = FixedClock(NOW)
    with Host(api := BrevoApi("key", clock)) as host:
        provider = Brevo("key", url=host.url)
        for minutes in (0, 14, 2):
            clock.advance(timedelta(minutes=minutes))
            provider.send([message()], attempt_key=ATTEMPT)
    assert provider.caps.idempotency_ttl == timedelta(minutes=15)
    assert len(api.journal) == 2


def test_there_is_no_look_up() -> None:
    [told] = Brevo("key").resolve([pending(message())])
    assert told.found is Resolved.UNDECIDED


def test_a_missing_key_is_named() -> None:
    with pytest.raises(SettingError, match=r"provider\.api_key"):
        Brevo(" ")


@pytest.mark.parametrize(("key", "code"), [("wrong", "brevo-credentials"), ("key", "brevo-no-webhook-key")])
def test_a_check_finds_what_is_wrong(key: str, code: str) -> None:
    with Host(api := BrevoApi("key", FixedClock(NOW))) as host:
        [problem] = Brevo(key, url=host.url).check()
    assert (problem.code, api.journal) == (code, [])


def test_an_account_under_validation_is_found() -> None:
    with Host(api := BrevoApi("key", FixedClock(NOW))) as host:
        api.suspended = True
        [problem] = Brevo("key", url=host.url).check()
    assert problem.code == "brevo-suspended"


# --- webhooks ---------------------------------------------------------------------------------------

DELIVERED = {
    "event": "delivered",
    "email": "a@ville.example",
    "id": 26224,
    "message-id": REF,
    "date": "2026-06-11 09:00:00",
    "ts": 1781168400,
    "ts_event": 1781168400,
    "ts_epoch": 1781161200123,
    "tag": '["letter-12"]',
    "tags": ["letter-12"],
    "X-Mailin-custom": KEY,
    "sending_ip": "192.0.2.1",
}


def read(body: object) -> list[ProviderEvent]:
    return Brevo("key", webhook_key="token").parse_webhook(raw(body, bearer("token")))


def test_a_delivery_is_read_whole() -> None:
    [event] = read(DELIVERED)
    assert (event.kind, event.key, event.provider_ref) == (Kind.DELIVERED, KEY, REF)
    assert event.at == datetime.fromtimestamp(1781161200, UTC)
    assert "192.0.2.1" not in repr(event)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("request", Kind.ACCEPTED),
        ("deferred", Kind.DEFERRED),
        ("soft_bounce", Kind.SOFT_BOUNCE),
        ("softBounce", Kind.SOFT_BOUNCE),
        ("hard_bounce", Kind.HARD_BOUNCE),
        ("hardBounce", Kind.HARD_BOUNCE),
        ("invalid_email", Kind.HARD_BOUNCE),
        ("invalid", Kind.HARD_BOUNCE),
        ("blocked", Kind.BLOCKED),
        ("error", Kind.BLOCKED),
        ("spam", Kind.COMPLAINT),
        ("complaint", Kind.COMPLAINT),
        ("unsubscribe", Kind.UNSUBSCRIBE),
        ("unsubscribed", Kind.UNSUBSCRIBE),
        ("list_addition", Kind.NOTICE),
    ],
)
def test_both_spellings_of_an_event_are_known(name: str, kind: Kind) -> None:
    [event] = read({**DELIVERED, "event": name, "reason": "550 5.1.1 no a@ville.example"})
    assert (event.kind, event.smtp_code, event.detail) == (kind, "5.1.1", "550 5.1.1 no …")


@pytest.mark.parametrize(
    "name", ["opened", "unique_opened", "uniqueOpened", "proxy_open", "unique_proxy_open", "click"]
)
def test_opens_and_clicks_of_brevo_are_dropped(name: str) -> None:
    assert read({**DELIVERED, "event": name, "link": "https://a.example/", "ip": "192.0.2.1"}) == []


def test_a_repetition_has_the_same_id_and_another_event_has_not() -> None:
    same = {read(DELIVERED)[0].dedupe, read([DELIVERED])[0].dedupe, read({**DELIVERED, "id": 1})[0].dedupe}
    changes: list[dict[str, Any]] = [{"ts_epoch": 1}, {"event": "deferred"}, {"message-id": "<other>"}]
    assert len(same) == 1
    assert len(same | {read({**DELIVERED, **change})[0].dedupe for change in changes}) == 4


def test_a_time_that_follows_the_accounts_zone_is_not_read() -> None:
    [event] = read({name: value for name, value in DELIVERED.items() if name != "ts_epoch"})
    assert event.at == NOW


@pytest.mark.parametrize("custom", [None, "", 7, "x" * 25, f"{KEY}|{KEY}", KEY.upper()])
def test_what_is_not_our_key_is_none(custom: object) -> None:
    assert read({**DELIVERED, "X-Mailin-custom": custom})[0].key is None


@pytest.mark.parametrize(
    "headers", [{}, bearer("wrong"), bearer(""), basic("token", ""), basic("x", "wrong")]
)
def test_who_does_not_know_the_token_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        Brevo("key", webhook_key="token").parse_webhook(raw(DELIVERED, headers))


def test_a_password_in_the_address_will_do_as_well() -> None:
    request = raw(DELIVERED, basic("relais", "token"))
    assert len(Brevo("key", webhook_key="token").parse_webhook(request)) == 1


@pytest.mark.parametrize("stamp", ["now", True, 1e300, 10**400, {}])
def test_an_event_at_no_time_is_malformed(stamp: object) -> None:
    with pytest.raises(Malformed):
        read({**DELIVERED, "ts_epoch": stamp})
