"""What each answer means, what is said to Sweego, what its log tells, and what its webhooks are worth."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mailer.clock import FixedClock
from mailer.errors import ProviderHalt, SettingError
from mailer.model.mail import Resolved, SendResult, Status
from mailer.providers.http import Limits
from mailer.providers.sweego import Sweego, request_body
from tests.providers.contract import ATTEMPT, pending
from tests.providers.hosted_fake import HTML, Host
from tests.providers.samples import KEY, NOW, message
from tests.providers.scripted import Script, answer, closed_port, drip, hang, reset, scripted, truncated
from tests.providers.sweego_fake import SweegoApi

QUICK = Limits(connect=0.5, read=0.3, total=0.5)
HOOK = base64.b64encode(b"a signing key of twenty-four b").decode()
TAKEN = json.dumps(
    {
        "channel": "email",
        "provider": "sweego",
        "swg_uids": {"a@ville.example": "02-abc123"},
        "transaction_id": "73c9",
    }
)


def send(*scripts: Script) -> SendResult:
    with scripted(*scripts) as server:
        provider = Sweego("key", url=server.url, limits=QUICK, clock=FixedClock(NOW))
        return provider.send([message()], attempt_key=ATTEMPT)[0]


def invalid(*places: list[Any]) -> Script:
    faults = [
        {"loc": ["body", *place], "msg": "bad a@ville.example", "type": "value_error"} for place in places
    ]
    return answer(json.dumps({"detail": faults}), status=422)


def test_the_call_is_what_sweego_documents() -> None:
    with scripted(answer(TAKEN)) as server:
        Sweego("thekey", url=server.url).send([message()], attempt_key=ATTEMPT)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /send HTTP/1.1\r\n")
    assert b"\r\nApi-Key: thekey\r\n" in head
    mail = json.loads(body)
    assert mail["headers"] == {"X-Delivery": KEY}
    assert mail["list-unsub"] == {
        "method": "one-click",
        "value": f"<mailto:lettre@reseau.example?subject=unsubscribe>,<https://lettres.reseau.example/u/{KEY}>",
    }
    assert (mail["tracking_open"], mail["dry-run"], mail["campaign-type"]) == (False, False, "newsletter")


@pytest.mark.parametrize(
    ("tag", "told"),
    [
        ("letter-12", "letter-12"),
        ("lettre_du_réseau-12", "lettre-du-r-seau-12"),
        ("a-very-long-name-of-a-campaign-1234", "e-of-a-campaign-1234"),
        ("", "relais"),
    ],
)
def test_a_tag_keeps_the_end_that_tells_sends_apart(tag: str, told: str) -> None:
    assert json.loads(request_body(message(tag=tag)))["campaign-tags"] == [told]


def test_a_mail_of_no_list_has_nothing_to_leave() -> None:
    sent = message()
    alone = replace(sent, envelope=replace(sent.envelope, unsubscribe_url="", unsubscribe_mailto=""))
    assert "list-unsub" not in json.loads(request_body(alone))


def test_success_is_accepted_with_sweegos_own_id() -> None:
    assert send(answer(TAKEN)) == SendResult(KEY, Status.ACCEPTED, provider_ref="02-abc123", http_status=200)


@pytest.mark.parametrize(
    "script",
    [
        hang(),
        drip(),
        reset,
        truncated(TAKEN),
        answer(HTML),
        answer("{}"),
        answer('{"swg_uids":{}}'),
        answer('{"swg_uids":["02-abc"]}'),
        answer('{"swg_uids":{"a@ville.example":"1","b@ville.example":"2"}}'),
        answer(TAKEN, status=202),
        answer('{"detail":"Unable to send message"}', status=500),
        answer(HTML, status=502),
        answer(HTML, status=503),
        answer("", status=408),
        answer(HTML, status=422),
        answer("", status=400),
    ],
)
def test_whatever_is_not_listed_is_a_doubt(script: Script) -> None:
    result = send(script)
    assert result.status is Status.UNKNOWN
    assert result.code


@pytest.mark.parametrize("script", [invalid(["recipients", 0, "email"]), answer("", status=413)])
def test_what_is_wrong_with_this_mail_rejects_it(script: Script) -> None:
    result = send(script)
    assert result.status is Status.REJECTED
    assert "a@ville.example" not in result.detail


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (answer('{"detail":"Invalid API key"}', status=401), "credentials"),
        (answer('{"detail":"Access restricted"}', status=403), "suspended"),
        (invalid(["from", "email"]), "unverified-sender"),
        (invalid(["headers"]), "refused"),
        (invalid(["recipients", 0, "email"], ["headers"]), "refused"),
        (answer('{"detail":[]}', status=422), "refused"),
        (answer("", status=307, headers="Location: /send/\r\n"), "redirect"),
        (answer("", status=404), "not-found"),
    ],
)
def test_what_concerns_every_mail_halts(script: Script, reason: str) -> None:
    with pytest.raises(ProviderHalt) as caught:
        send(script)
    assert caught.value.reason == reason
    assert "@" not in str(caught.value)


def test_too_many_requests_are_tried_again() -> None:
    assert send(answer(HTML, status=429)).status is Status.RETRY


def test_a_server_that_is_not_there_was_not_sent_to() -> None:
    [result] = Sweego("key", url=f"http://127.0.0.1:{closed_port()}").send([message()], attempt_key=ATTEMPT)
    assert (result.status, result.code) == (Status.RETRY, "connection-refused")


@pytest.mark.parametrize(
    "address", ["a@x.example>,<https://b.example", "a@é.example", "a@x.example\r\nBcc: b"]
)
def test_an_address_to_leave_by_that_breaks_out_is_not_handed_over(address: str) -> None:
    """S4."""
    mail = message()
    mail = replace(mail, envelope=replace(mail.envelope, unsubscribe_mailto=address))
    with Host(SweegoApi("key")) as host:
        [result] = Sweego("key", url=host.url).send([mail], attempt_key=ATTEMPT)
    assert (result.code, host.calls) == ("unwritable", [])


# --- the log ----------------------------------------------------------------------------------------


def logged(*entries: object, status: int = 200) -> Script:
    return answer(json.dumps({"state": True, "result": list(entries)}), status=status)


def entry(key: str | None = None) -> dict[str, Any]:
    return {
        "swg_uid": "02-1",
        "email_to": "a@ville.example",
        **({"headers": {"X-Delivery": key}} if key else {}),
    }


OTHER_MAIL = {"swg_uid": "02-2", "headers": {"x-other": "1"}}


@pytest.mark.parametrize(
    ("scripts", "found"),
    [
        ([logged(entry(KEY))], Resolved.PRESENT),
        ([logged(entry("z" * 26), entry(KEY))], Resolved.PRESENT),
        ([logged()], Resolved.ABSENT),
        ([logged(entry("z" * 26), OTHER_MAIL)], Resolved.ABSENT),
        ([logged(entry()), answer(json.dumps(entry(KEY)))], Resolved.PRESENT),
        ([logged(entry()), answer(json.dumps(OTHER_MAIL))], Resolved.ABSENT),
        ([logged(entry()), answer(json.dumps(entry()))], Resolved.UNDECIDED),
        ([logged(entry()), answer("", status=404)], Resolved.UNDECIDED),
        ([logged(*[entry()] * 11)], Resolved.UNDECIDED),
        ([logged(*[OTHER_MAIL] * 500)], Resolved.UNDECIDED),
        ([logged("odd")], Resolved.UNDECIDED),
        ([logged(status=500)], Resolved.UNDECIDED),
        ([answer('{"state":true,"result":null}')], Resolved.UNDECIDED),
        ([answer(HTML)], Resolved.UNDECIDED),
        ([answer("", status=403)], Resolved.UNDECIDED),
        ([reset], Resolved.UNDECIDED),
    ],
)
def test_absent_is_said_only_of_a_list_read_whole(scripts: list[Script], found: Resolved) -> None:
    with scripted(*scripts) as server:
        [told] = Sweego("key", url=server.url).resolve([pending(message())])
    assert told.found is found
    assert told.provider_ref == ("02-1" if found is Resolved.PRESENT else None)


@pytest.mark.parametrize("lists_headers", [True, False])
def test_two_mails_to_one_address_are_told_apart(lists_headers: bool) -> None:
    with Host(api := SweegoApi("key")) as host:
        api.lists_headers = lists_headers
        provider = Sweego("key", url=host.url)
        provider.send([message()], attempt_key=ATTEMPT)
        told = provider.resolve([pending(message()), pending(message(key="z" * 26))])
    assert [each.found for each in told] == [Resolved.PRESENT, Resolved.ABSENT]


@pytest.mark.parametrize(("key", "code"), [("wrong", "sweego-credentials"), ("key", "sweego-no-webhook-key")])
def test_a_check_finds_what_is_wrong(key: str, code: str) -> None:
    with Host(api := SweegoApi("key")) as host:
        [problem] = Sweego(key, url=host.url).check()
    assert (problem.code, api.journal) == (code, [])


def test_a_clock_that_differs_is_found() -> None:
    later = FixedClock(datetime(2020, 1, 1, tzinfo=UTC))
    with Host(SweegoApi("key")) as host:
        [problem] = Sweego("key", url=host.url, webhook_key=HOOK, clock=later).check()
    assert problem.code == "sweego-clock"


@pytest.mark.parametrize(("key", "hook"), [("", HOOK), ("key", "not base64!")])
def test_a_missing_or_wrong_setting_is_named(key: str, hook: str) -> None:
    with pytest.raises(SettingError, match=r"provider\.(api_key|webhook_key)"):
        Sweego(key, webhook_key=hook)
