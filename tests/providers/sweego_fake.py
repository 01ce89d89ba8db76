"""Just enough of Sweego, written from providers.md 2.6 and its public reference, and not from the adapter."""

import base64
import hashlib
import hmac
import json
import re
from typing import Any

from mailer.model.mail import RawRequest
from tests.providers.hosted_fake import Call, Reply, read_by
from tests.providers.samples import NOW

_TAG = re.compile(r"[A-Za-z0-9-]{1,20}")
_LEAVE = re.compile(r"<mailto:[^<>,\s]+>,<https?://[^<>,\s]+>")
_FIELDS = {
    "channel", "provider", "campaign-type", "campaign-id", "campaign-tags", "from", "recipients", "subject",
    "message-html", "message-txt", "list-unsub", "headers", "reply-to", "tracking_open", "dry-run",
}  # fmt: skip


class SweegoApi:
    """An account with one key; `lists_headers`: whether the log's list shows the headers of each mail."""

    send_path = "/send"

    def __init__(self, key: str, *, senders: tuple[str, ...] = ("lettre@reseau.example",)) -> None:
        self.key = key
        self.senders = senders
        self.suspended = False
        self.lagging = False
        self.lists_headers = True
        self.keeps_headers = True
        self.journal: list[dict[str, Any]] = []

    def reply(self, call: Call) -> Reply:
        if call.headers.get("api-key") != self.key:
            return Reply(401, {"detail": "Invalid API key"})
        if self.suspended:
            return Reply(403, {"detail": "Access restricted"})
        if (call.method, call.path) == ("POST", self.send_path):
            return self._send(call.body)
        if (call.method, call.path) == ("POST", "/logs/"):
            return self._logs(call.body)
        if call.method == "GET" and call.path.startswith("/logs/"):
            [found] = [each for each in self.journal if each["swg_uid"] == call.path.removeprefix("/logs/")]
            return Reply(200, self._record(found, headers=self.keeps_headers))
        if call.path == "/logs":
            return Reply(307, {}, "Location: /logs/\r\n")
        return Reply(404, {"detail": "Not Found"})

    def _send(self, mail: dict[str, Any]) -> Reply:
        fault = self._fault(mail)
        if fault is not None:
            return Reply(
                422,
                {"detail": [{"loc": ["body", *fault], "msg": "value is not valid", "type": "value_error"}]},
            )
        number = f"02-{len(self.journal) + 1:06d}"
        address = mail["recipients"][0]["email"]
        if not mail["dry-run"]:
            self.journal.append({**mail, "swg_uid": number, "address": address})
        told = {
            "channel": "email",
            "provider": "sweego",
            "swg_uids": {address: number},
            "transaction_id": "73c9d591",
        }
        return Reply(200, told)

    def _fault(self, mail: dict[str, Any]) -> list[Any] | None:
        """Where the form is wrong."""
        names = mail["headers"]
        checks: list[tuple[bool, list[Any]]] = [
            (bool(set(mail) - _FIELDS), ["unknown"]),
            (mail["from"]["email"] not in self.senders, ["from", "email"]),
            (len(names) > 5 or not all(name.startswith("X-") for name in names), ["headers"]),
            (not all(_TAG.fullmatch(tag) for tag in mail["campaign-tags"]), ["campaign-tags", 0]),
            (not _LEAVE.fullmatch(mail["list-unsub"]["value"]), ["list-unsub", "value"]),
            (mail["list-unsub"]["method"] != "one-click", ["list-unsub", "method"]),
            (len(mail["recipients"]) != 1, ["recipients"]),
            ("@123." in mail["recipients"][0]["email"], ["recipients", 0, "email"]),
        ]
        return next((where for wrong, where in checks if wrong), None)

    def _logs(self, question: dict[str, Any]) -> Reply:
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", question["start_date"])
        assert 1 <= question["size"] <= 500
        found = (
            []
            if self.lagging
            else [each for each in self.journal if each["address"] == question["search_word"]]
        )
        shown = [self._record(each, headers=self.lists_headers) for each in found[: question["size"]]]
        return Reply(200, {"state": True, "nb_result": len(shown), "result": shown})

    def _record(self, mail: dict[str, Any], *, headers: bool) -> dict[str, Any]:
        shown = (
            {"headers": {name.lower(): value for name, value in mail["headers"].items()}} if headers else {}
        )
        return {"swg_uid": mail["swg_uid"], "email_to": mail["address"], "status": "delivered", **shown}

    def kept(self) -> list[bytes]:
        return [read_by(each["subject"], each["message-html"], each["message-txt"]) for each in self.journal]


def signed(
    body: object, secret: str, *, age: float = 0.0, webhook_id: str = "wh-1", stamp: str = ""
) -> RawRequest:
    """A webhook as Sweego signs it."""
    raw = json.dumps(body).encode()
    stamp = stamp or str(int(NOW.timestamp() - age))
    text = f"{webhook_id}.{stamp}.".encode() + raw
    signature = base64.b64encode(hmac.digest(base64.b64decode(secret), text, hashlib.sha256)).decode()
    headers = {"webhook-id": webhook_id, "webhook-timestamp": stamp, "webhook-signature": signature}
    return RawRequest(headers=headers, body=raw, received_at=NOW)
