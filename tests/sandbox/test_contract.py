"""Postal's legacy API, seen by a plain HTTP client (providers.md 2.1)."""

import base64
import json
import re
from typing import Any

import pytest
import requests

from mailer.sandbox import Sandbox
from tests.sandbox.conftest import KEY, call, control, mime, send_raw, until

RAW = {
    "mail_from": "lettre@reseau.example",
    "rcpt_to": ["a@ville.example"],
    "data": base64.b64encode(mime()).decode(),
}
MESSAGE = {
    "to": ["a@ville.example"],
    "from": "Réseau <l@reseau.example>",
    "subject": "Été",
    "plain_body": "t",
}


def test_raw_is_accepted_with_our_message_id_and_its_recipient_verbatim(sandbox: Sandbox) -> None:
    answer = send_raw(sandbox, mime("k7"), "A. <a@ville.example>")
    accepted = answer["data"]["messages"]["A. <a@ville.example>"]
    assert (answer["status"], answer["flags"]) == ("success", {})
    assert answer["data"]["message_id"] == "k7@reseau.example"
    assert isinstance(accepted["id"], int)
    assert re.fullmatch(r"[A-Za-z0-9]{16}", accepted["token"])
    assert round(answer["time"], 3) == answer["time"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH"])
def test_every_method_serves(sandbox: Sandbox, method: str) -> None:
    url = f"{sandbox.http_url}/api/v1/send/raw"
    answer = requests.request(method, url, json=RAW, headers={"X-Server-API-Key": KEY}, timeout=5)
    assert answer.json()["status"] == "success"


def test_a_form_field_params_holds_the_same_json(sandbox: Sandbox) -> None:
    url = f"{sandbox.http_url}/api/v1/send/raw"
    form = {"params": json.dumps(RAW)}
    assert (
        requests.post(url, form, headers={"X-Server-API-Key": KEY}, timeout=5).json()["status"] == "success"
    )


def test_raw_to_nobody_is_a_success_without_messages(sandbox: Sandbox) -> None:
    answer = call(sandbox, "send/raw", {**RAW, "rcpt_to": []}).json()
    assert answer["data"] == {"message_id": None, "messages": {}}
    assert sandbox.journal() == []


@pytest.mark.parametrize("name", ["rcpt_to", "mail_from", "data"])
def test_a_missing_parameter_is_named(sandbox: Sandbox, name: str) -> None:
    answer = call(sandbox, "send/raw", {**RAW, name: None})
    assert answer.status_code == 200
    assert answer.json()["status"] == "parameter-error"
    assert answer.json()["data"] == {"message": f"`{name}` parameter is required but is missing"}


def test_no_key_is_access_denied(sandbox: Sandbox) -> None:
    answer = call(sandbox, "send/raw", RAW, headers={"X-Server-API-Key": ""})
    assert (answer.status_code, answer.json()["data"]["code"]) == (200, "AccessDenied")


def test_a_wrong_key_is_told_back(sandbox: Sandbox) -> None:
    data = call(sandbox, "send/raw", RAW, headers={"X-Server-API-Key": "wrong"}).json()["data"]
    assert (data["code"], data["token"]) == ("InvalidServerAPIKey", "wrong")


def test_a_suspended_server_refuses_and_resumes(sandbox: Sandbox) -> None:
    control(sandbox, "server", suspended=True)
    assert call(sandbox, "send/raw", RAW).json()["data"]["code"] == "ServerSuspended"
    control(sandbox, "server", suspended=False)
    assert call(sandbox, "send/raw", RAW).json()["status"] == "success"


def test_a_foreign_from_is_unauthenticated(sandbox: Sandbox) -> None:
    data = send_raw(sandbox, mime(sender="x@autre.invalid"))["data"]
    assert data["code"] == "UnauthenticatedFromAddress"
    assert data["message"] == "The From address is not authorised to send mail from this server"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": []}, "NoRecipients"),
        ({"to": [f"a{n}@ville.example" for n in range(51)]}, "TooManyToAddresses"),
        ({"cc": [f"a{n}@ville.example" for n in range(51)]}, "TooManyCCAddresses"),
        ({"bcc": [f"a{n}@ville.example" for n in range(51)]}, "TooManyBCCAddresses"),
        ({"plain_body": ""}, "NoContent"),
        ({"from": ""}, "FromAddressMissing"),
        ({"from": "x@autre.invalid"}, "UnauthenticatedFromAddress"),
        ({"attachments": [{"data": "YQ=="}]}, "AttachmentMissingName"),
        ({"attachments": [{"name": "a.txt"}]}, "AttachmentMissingData"),
    ],
)
def test_each_error_has_its_code_and_sentence(sandbox: Sandbox, change: dict[str, Any], code: str) -> None:
    answer = call(sandbox, "send/message", {**MESSAGE, **change})
    assert (answer.status_code, answer.json()["status"]) == (200, "error")
    assert answer.json()["data"]["code"] == code
    assert answer.json()["data"]["message"]
    assert sandbox.journal() == []


def test_fifty_recipients_are_not_too_many(sandbox: Sandbox) -> None:
    data = call(
        sandbox, "send/message", {**MESSAGE, "to": [f"a{n}@ville.example" for n in range(50)]}
    ).json()["data"]
    assert len(data["messages"]) == 50


def test_message_answers_by_bare_address_and_with_a_message_id_of_its_own(sandbox: Sandbox) -> None:
    params = {
        **MESSAGE,
        "to": "Ana <a@ville.example>, b@ville.example",
        "headers": {"Message-ID": "<ours@x.example>"},
    }
    data = call(sandbox, "send/message", params).json()["data"]
    assert list(data["messages"]) == ["a@ville.example", "b@ville.example"]
    assert re.fullmatch(r"[0-9a-f-]{36}@rp\.sandbox\.example", data["message_id"])


def test_an_attachment_that_is_no_object_is_skipped(sandbox: Sandbox) -> None:
    params = {
        **MESSAGE,
        "attachments": ["x", {"name": "é.pdf", "content_type": "application/pdf", "data": "YQ=="}],
    }
    assert call(sandbox, "send/message", params).json()["status"] == "success"


@pytest.mark.parametrize("path", ["messages/message", "messages/deliveries"])
def test_a_text_as_id_is_the_html_page_500(sandbox: Sandbox, path: str) -> None:
    answer = call(sandbox, path, {"id": "37171"})
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ["messages/message", "messages/deliveries"])
def test_an_unknown_id_is_not_found(sandbox: Sandbox, path: str) -> None:
    data = call(sandbox, path, {"id": 9}).json()["data"]
    assert (data["code"], data["id"]) == ("MessageNotFound", 9)


def test_a_message_shows_what_was_asked_for(sandbox: Sandbox) -> None:
    accepted = send_raw(sandbox, mime("k1"))["data"]["messages"]["a@ville.example"]

    def show(expansions: object) -> Any:
        return call(sandbox, "messages/message", {"id": accepted["id"], "_expansions": expansions}).json()[
            "data"
        ]

    until(lambda: show(["status"])["status"]["status"] == "Sent")
    details = show(["status", "details"])["details"]
    assert show([]) == accepted
    assert (details["subject"], details["tag"], details["size"]) == (
        "Lettre n° 47",
        "lettre-47",
        str(len(mime("k1"))),
    )
    assert base64.b64decode(show(True)["raw_message"]).endswith(mime("k1"))


def test_deliveries_are_a_list_of_attempts(sandbox: Sandbox) -> None:
    number = send_raw(sandbox, mime(), "a+softfail@ville.example")["data"]["messages"][
        "a+softfail@ville.example"
    ]["id"]

    def statuses() -> list[str]:
        found = call(sandbox, "messages/deliveries", {"id": number}).json()["data"]
        return [each["status"] for each in found]

    assert until(lambda: statuses() if len(statuses()) == 2 else None) == ["SoftFail", "Sent"]


def test_an_unknown_path_is_404_and_control_is_not_under_api(sandbox: Sandbox) -> None:
    assert call(sandbox, "faults", {}).status_code == 404
    assert requests.get(f"{sandbox.http_url}/stats", timeout=5).status_code == 404


def test_ids_increase_and_each_recipient_has_one_line(sandbox: Sandbox) -> None:
    for n in range(20):
        send_raw(sandbox, mime(f"k{n}"), *(f"r{m}@ville.example" for m in range(n % 3 + 1)))
    ids = [entry.id for entry in sandbox.journal()]
    assert ids == sorted(set(ids))
    assert len(ids) == sum(n % 3 + 1 for n in range(20))
