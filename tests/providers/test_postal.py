"""What each answer means, and what is said to Postal."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from mailer.clock import FixedClock
from mailer.errors import ProviderHalt, SettingError
from mailer.model.mail import SendResult, Status
from mailer.providers.http import Limits
from mailer.providers.postal import Postal, request_body
from mailer.providers.postal_answers import retry_after
from tests.providers import postal_fake
from tests.providers.contract import ATTEMPT
from tests.providers.postal_fake import error, success
from tests.providers.samples import KEY, NOW, message
from tests.providers.scripted import (
    Script,
    answer,
    closed_port,
    drip,
    hang,
    hang_up,
    reset,
    scripted,
    truncated,
)

QUICK = Limits(connect=0.5, read=0.3, total=0.5)
ACCEPTED = success({"message_id": "x", "messages": {"a@ville.example": {"id": 37171, "token": "t"}}})
HTML = "<html><title>We're sorry, but something went wrong (500)</title></html>"


def send(*scripts: Script) -> SendResult:
    with scripted(*scripts) as server:
        provider = Postal(server.url, "key", limits=QUICK, clock=FixedClock(NOW))
        return provider.send([message()], attempt_key=ATTEMPT)[0]


def test_the_call_is_what_postal_documents() -> None:
    with scripted(answer(json.dumps(ACCEPTED))) as server:
        Postal(server.url, "thekey").send([message()], attempt_key=ATTEMPT)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api/v1/send/raw HTTP/1.1\r\n")
    assert b"\r\nX-Server-API-Key: thekey\r\n" in head
    assert head.endswith(b"\r\nContent-Type: application/json")
    call = json.loads(body)
    assert (
        base64.b64decode(call.pop("data")) == b"X-Postal-Tag: letter-12\r\nX-AMP: skip\r\n" + message().mime
    )
    assert call == {"mail_from": "lettre@reseau.example", "rcpt_to": ["a@ville.example"], "bounce": False}


def test_a_repeated_call_has_the_same_bytes() -> None:
    assert request_body(message()) == request_body(message())


def test_a_tag_cannot_add_a_header() -> None:
    call = json.loads(request_body(message(tag="a\r\nBcc: b@ville.example")))
    assert base64.b64decode(call["data"]).startswith(
        b"X-Postal-Tag: a--Bcc:-b-ville.example\r\nX-AMP: skip\r\n"
    )


def test_success_is_accepted_with_postals_own_number() -> None:
    assert send(answer(json.dumps(ACCEPTED))) == SendResult(
        KEY, Status.ACCEPTED, provider_ref="37171", http_status=200
    )


@pytest.mark.parametrize(
    "script",
    [
        hang(),
        drip(),
        drip(head=True),
        reset,
        hang_up,
        truncated(json.dumps(ACCEPTED)),
        answer(json.dumps(ACCEPTED)[:-9]),
        answer(HTML),
        answer(HTML, status=500),
        answer(HTML, status=502),
        answer(HTML, status=503, headers="Retry-After: 1\r\n"),
        answer(HTML, status=504),
        answer("", status=408),
        answer("", status=425),
        answer("", status=418),
        answer("", status=202),
        answer("[]"),
        answer("null"),
        answer("[" * 100_000),
        answer('{"status":"success"}'),
        answer(json.dumps(success({"message_id": None, "messages": {}}))),
        answer(json.dumps(success({"messages": {"other@ville.example": {"id": 1}}}))),
        answer(json.dumps(error("SomethingNew"))),
        answer('{"status":"later","data":{}}'),
    ],
)
def test_whatever_is_not_listed_is_a_doubt(script: Script) -> None:
    result = send(script)
    assert result.status is Status.UNKNOWN
    assert result.code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (error("NoContent"), "NoContent"),
        (error("FromAddressMissing"), "FromAddressMissing"),
        ({"status": "parameter-error", "data": {"message": "`data` is missing"}}, "parameter-error"),
    ],
)
def test_what_is_wrong_with_this_mail_rejects_it(body: dict[str, object], code: str) -> None:
    result = send(answer(json.dumps(body)))
    assert (result.status, result.code) == (Status.REJECTED, code)


def test_a_mail_that_is_too_large_is_rejected() -> None:
    assert send(answer(HTML, status=413)).status is Status.REJECTED


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (answer(json.dumps(error("AccessDenied"))), "credentials"),
        (answer(json.dumps(error("InvalidServerAPIKey"))), "credentials"),
        (answer(json.dumps(error("ServerSuspended"))), "suspended"),
        (answer(json.dumps(error("UnauthenticatedFromAddress"))), "unverified-sender"),
        (answer("", status=301, headers="Location: https://b.example/\r\n"), "redirect"),
        (answer("", status=307, headers="Location: https://b.example/\r\n"), "redirect"),
        (answer(HTML, status=403), "credentials"),
        (answer(HTML, status=404), "not-postal"),
    ],
)
def test_what_concerns_every_mail_halts(script: Script, reason: str) -> None:
    with pytest.raises(ProviderHalt) as caught:
        send(script)
    assert caught.value.reason == reason


def test_a_server_that_is_not_there_was_not_sent_to() -> None:
    provider = Postal(f"http://127.0.0.1:{closed_port()}", "key")
    [result] = provider.send([message()], attempt_key=ATTEMPT)
    assert (result.status, result.code) == (Status.RETRY, "connection-refused")


def test_too_many_requests_are_tried_again_when_told() -> None:
    result = send(answer(HTML, status=429, headers="Retry-After: 7\r\n"))
    assert (result.status, result.retry_after) == (Status.RETRY, 7.0)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("0", 0.0),
        ("120", 120.0),
        ("99999999", 86_400.0),
        ("9" * 400, 86_400.0),
        ("Thu, 11 Jun 2026 07:00:30 GMT", 30.0),
        ("Thu, 11 Jun 2026 09:00:30 +0200", 30.0),
        ("Thu, 11 Jun 2026 06:00:00 GMT", 0.0),
        ("Fri, 12 Jun 2026 07:00:00 GMT", 86_400.0),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, now=NOW) == seconds


def test_what_the_server_says_is_kept_short_and_without_addresses() -> None:
    said = "no such <a@ville.example>,\x1b[31m\r\n" + "x" * 400
    detail = send(answer(json.dumps(error("NoContent", said)))).detail
    assert detail.startswith("no such <…>, [31m x")
    assert len(detail) == 250


@pytest.mark.parametrize(
    ("url", "key", "setting"),
    [("", "key", "provider.url"), ("http://a.example", " ", "provider.api_key")],
)
def test_a_missing_setting_is_named(url: str, key: str, setting: str) -> None:
    with pytest.raises(SettingError, match=setting):
        Postal(url, key)


def test_a_wrong_key_is_found_without_sending() -> None:
    fake = postal_fake.Postal("right", postal_fake.Key())
    with fake.server:
        problems = Postal(fake.server.url, "wrong").check()
    assert [problem.code for problem in problems] == ["postal-credentials"]


def test_a_server_that_does_not_answer_is_found() -> None:
    [problem] = Postal(f"http://127.0.0.1:{closed_port()}", "key").check()
    assert problem.code == "postal-unreachable"


@pytest.mark.parametrize("script", [answer(HTML), answer("", status=302), answer(HTML, status=500)])
def test_a_server_that_is_not_postal_is_found(script: Script) -> None:
    with scripted(script) as server:
        [problem] = Postal(server.url, "key").check()
    assert problem.code == "postal-not-found"


def test_clocks_that_differ_are_found() -> None:
    fake = postal_fake.Postal("key", postal_fake.Key())
    later = FixedClock(datetime.now(UTC) + timedelta(minutes=10))
    with fake.server:
        [problem] = Postal(fake.server.url, "key", clock=later).check()
    assert problem.code == "postal-clock"


def test_a_server_without_signing_keys_is_found() -> None:
    fake = postal_fake.Postal("key")
    with fake.server:
        [problem] = Postal(fake.server.url, "key").check()
    assert problem.code == "postal-no-signing-key"
