"""What each answer means, what is said to Mailjet, and what its webhooks are worth."""

import json
from dataclasses import replace
from typing import Any

import pytest

from mailer.clock import FixedClock
from mailer.errors import ProviderHalt, SettingError
from mailer.model.mail import Content, Resolved, SendResult, Status
from mailer.providers.http import Limits
from mailer.providers.mailjet import Mailjet, request_body
from tests.providers.contract import ATTEMPT, pending
from tests.providers.hosted_fake import HTML, Host
from tests.providers.mailjet_fake import MailjetApi
from tests.providers.samples import KEY, NOW, message
from tests.providers.scripted import Script, answer, closed_port, drip, hang, reset, scripted, truncated

QUICK = Limits(connect=0.5, read=0.3, total=0.5)
TAKEN = {"Status": "success", "CustomID": KEY, "To": [{"MessageID": 2**62 + 1}], "Cc": [], "Bcc": []}
HEADERS = {
    "From": "x",
    "Message-ID": "<x@reseau.example>",
    "List-Id": "<l.reseau.example>",
    "Feedback-ID": "1:2:3",
    "List-Unsubscribe": "<https://lettres.reseau.example/u/1>, <mailto:a@reseau.example>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    "Precedence": "bulk",
}


def send(*scripts: Script) -> SendResult:
    with scripted(*scripts) as server:
        provider = Mailjet("k:s", url=server.url, limits=QUICK, clock=FixedClock(NOW))
        return provider.send([message()], attempt_key=ATTEMPT)[0]


def entry(**changes: Any) -> Script:
    return answer(json.dumps({"Messages": [{**TAKEN, **changes}]}))


def failed(code: str, *, status: int = 400, related: str = "Headers") -> Script:
    error = {"ErrorCode": code, "StatusCode": status, "ErrorMessage": "said", "ErrorRelatedTo": [related]}
    return answer(json.dumps({"Messages": [{"Status": "error", "Errors": [error]}]}), status=400)


def test_the_call_is_what_mailjet_documents() -> None:
    with scripted(entry()) as server:
        Mailjet("key:secret", url=server.url).send([message()], attempt_key=ATTEMPT)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v3.1/send HTTP/1.1\r\n")
    assert b"\r\nAuthorization: Basic a2V5OnNlY3JldA==\r\n" in head
    [mail] = json.loads(body)["Messages"]
    assert (mail["CustomID"], mail["CustomCampaign"], mail["DeduplicateCampaign"]) == (KEY, "letter-12", True)
    assert (mail["TrackOpens"], mail["TrackClicks"]) == ("disabled", "disabled")


def test_headers_that_mailjet_forbids_stay_here() -> None:
    [mail] = json.loads(request_body(replace(message(), headers=HEADERS)))["Messages"]
    assert set(mail["Headers"]) == {"List-Unsubscribe", "List-Unsubscribe-Post", "Precedence"}
    assert "ReplyTo" not in mail


def test_its_own_number_is_kept_exactly() -> None:
    assert send(entry()) == SendResult(KEY, Status.ACCEPTED, provider_ref=str(2**62 + 1), http_status=200)


@pytest.mark.parametrize(
    "script",
    [
        hang(),
        drip(),
        reset,
        truncated(json.dumps({"Messages": [TAKEN]})),
        answer(HTML),
        answer("[" * 100_000),
        answer('{"Messages":[]}'),
        answer(json.dumps({"Messages": [TAKEN, TAKEN]})),
        answer('{"Messages":["success"]}'),
        entry(Status="queued"),
        entry(CustomID="z" * 26),
        answer('{"Messages":[{"Status":"error"}]}', status=400),
        answer('{"Messages":[{"Status":"error","Errors":[]}]}', status=400),
        answer("", status=400),
        answer('{"ErrorCode":"mj-0000"}', status=500),
        answer(HTML, status=502),
        answer(HTML, status=503),
        answer("", status=408),
        answer("", status=202),
    ],
)
def test_whatever_is_not_listed_is_a_doubt(script: Script) -> None:
    result = send(script)
    assert result.status is Status.UNKNOWN
    assert result.code


@pytest.mark.parametrize(
    "script",
    [failed("mj-0013"), failed("mj-0008"), failed("mj-0099", related="To[0].Email"), answer("", status=413)],
)
def test_what_is_wrong_with_this_mail_rejects_it(script: Script) -> None:
    assert send(script).status is Status.REJECTED


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (answer('{"ErrorCode":"mj-0001"}', status=401), "suspended"),
        (answer('{"ErrorCode":"mj-0015"}', status=401), "credentials"),
        (answer(HTML, status=401), "credentials"),
        (answer("", status=403), "suspended"),
        (failed("send-0008", status=403), "unverified-sender"),
        (failed("send-0011"), "refused"),
        (answer('{"ErrorCode":"mj-0002"}', status=400), "refused"),
        (answer("", status=302, headers="Location: https://b.example/\r\n"), "redirect"),
        (answer("", status=404), "not-found"),
    ],
)
def test_what_concerns_every_mail_halts(script: Script, reason: str) -> None:
    with pytest.raises(ProviderHalt) as caught:
        send(script)
    assert caught.value.reason == reason


def test_too_many_requests_come_as_a_page_without_a_time() -> None:
    result = send(answer(HTML, status=429))
    assert (result.status, result.retry_after) == (Status.RETRY, None)


def test_a_server_that_is_not_there_was_not_sent_to() -> None:
    [result] = Mailjet("k:s", url=f"http://127.0.0.1:{closed_port()}").send([message()], attempt_key=ATTEMPT)
    assert (result.status, result.code) == (Status.RETRY, "connection-refused")


def test_a_refused_address_is_not_named() -> None:
    api = MailjetApi("k:s")
    with Host(api) as host:
        [result] = Mailjet("k:s", url=host.url).send([message(address="a@123.4")], attempt_key=ATTEMPT)
    assert (result.status, api.journal) == (Status.REJECTED, [])
    assert "a@123.4" not in result.detail


@pytest.mark.parametrize("subject", ["S\r\nBcc: b@ville.example", "S\u2028x", "S\x00"])
def test_data_that_would_start_a_header_is_not_handed_over(subject: str) -> None:
    """S4."""
    mail = replace(message(), content=Content(subject, "h", "t"))
    with Host(api := MailjetApi("k:s")) as host:
        [result] = Mailjet("k:s", url=host.url).send([mail], attempt_key=ATTEMPT)
    assert (result.status, result.code, api.journal) == (Status.REJECTED, "unwritable", [])
    assert host.calls == []


@pytest.mark.parametrize(
    "value", ["<https://lettres.reseau.example/é>", "<https://a.example>\r\nBcc: b@ville.example"]
)
def test_a_header_that_is_not_plain_is_not_handed_over(value: str) -> None:
    mail = replace(message(), headers={"List-Unsubscribe": value})
    with Host(MailjetApi("k:s")) as host:
        [result] = Mailjet("k:s", url=host.url).send([mail], attempt_key=ATTEMPT)
    assert (result.code, host.calls) == ("unwritable", [])


@pytest.mark.parametrize(
    ("script", "found"),
    [
        (answer('{"Count":1,"Data":[{"ID":4611686018427387905}],"Total":1}'), Resolved.PRESENT),
        (answer('{"Count":0,"Data":[],"Total":0}'), Resolved.ABSENT),
        (answer('{"Count":1,"Data":[{"ID":1,"CustomID":"another"}],"Total":1}'), Resolved.UNDECIDED),
        (answer("{}"), Resolved.UNDECIDED),
        (answer(HTML), Resolved.UNDECIDED),
        (answer(HTML, status=429), Resolved.UNDECIDED),
        (answer('{"Data":[]}', status=500), Resolved.UNDECIDED),
        (answer("", status=401), Resolved.UNDECIDED),
        (reset, Resolved.UNDECIDED),
    ],
)
def test_a_look_up_says_absent_only_where_it_was_answered(script: Script, found: Resolved) -> None:
    with scripted(script) as server:
        [told] = Mailjet("k:s", url=server.url).resolve([pending(message())])
    assert told.found is found
    assert told.provider_ref == ("4611686018427387905" if found is Resolved.PRESENT else None)


def test_a_provider_that_is_down_is_asked_once() -> None:
    asked = [pending(message(f"{number:a>26}")) for number in range(5)]
    with scripted(reset) as server:
        told = Mailjet("k:s", url=server.url).resolve(asked)
        assert len(server.requests) == 1
    assert [each.key for each in told] == [each.key for each in asked]


@pytest.mark.parametrize("key", ["", "key", "key:", ":secret", " : "])
def test_half_a_pair_of_keys_is_named(key: str) -> None:
    with pytest.raises(SettingError, match="KEY:SECRET"):
        Mailjet(key)


@pytest.mark.parametrize(
    ("keys", "code"), [("wrong:pair", "mailjet-credentials"), ("k:s", "mailjet-no-webhook-key")]
)
def test_a_check_finds_what_is_wrong(keys: str, code: str) -> None:
    with Host(api := MailjetApi("k:s")) as host:
        [problem] = Mailjet(keys, url=host.url).check()
    assert (problem.code, api.journal) == (code, [])
    assert "wrong" not in str(problem)


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (answer(HTML), "mailjet-not-found"),
        (answer("", status=302), "mailjet-redirect"),
        (answer("", status=403), "mailjet-suspended"),
        (reset, "mailjet-unreachable"),
    ],
)
def test_a_server_that_is_not_mailjet_is_found(script: Script, code: str) -> None:
    with scripted(script) as server:
        [problem] = Mailjet("k:s", url=server.url, webhook_key="x").check()
    assert problem.code == code


# --- webhooks ---------------------------------------------------------------------------------------
