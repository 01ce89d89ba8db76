"""Just enough of Brevo, written from providers.md 2.4 and not from the adapter."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from mailer.clock import Clock
from tests.providers.hosted_fake import Call, Reply, read_by


class BrevoApi:
    """An account with one key; keys of calls are remembered for `ttl` of its clock."""

    send_path = "/v3/smtp/email"
    ttl = timedelta(minutes=15)

    def __init__(
        self,
        key: str,
        clock: Clock,
        *,
        senders: tuple[str, ...] = ("lettre@reseau.example",),
        credits: int = 10_000,
    ) -> None:
        self.key = key
        self.senders = senders
        self.credits = credits
        self.suspended = False
        self.duplicate = "duplicate_parameter"
        self.journal: list[dict[str, Any]] = []
        #: Every body under its key: a key with other bytes would be two letters to one person.
        self.bodies: dict[str, set[str]] = {}
        self._clock = clock
        self._used: dict[str, datetime] = {}

    def reply(self, call: Call) -> Reply:
        if call.headers.get("api-key") != self.key:
            return _failure(401, "unauthorized", "Key not found")
        if self.suspended:
            return _failure(403, "account_under_validation", "Your account is under validation.")
        if (call.method, call.path) == ("POST", self.send_path):
            return self._send(call.body)
        if (call.method, call.path) == ("GET", "/v3/account"):
            return Reply(
                200, {"email": "anne@reseau.example", "plan": [{"type": "payAsYouGo", "credits": 5}]}
            )
        return _failure(404, "document_not_found", "Not found")

    def _send(self, mail: dict[str, Any]) -> Reply:
        """The worst order: the key is used up by calls that are then refused."""
        key = str(UUID(mail["headers"]["idempotencyKey"]))
        now = self._clock.now()
        if key in self._used and now - self._used[key] < self.ttl:
            self.bodies[key].add(json.dumps(mail, sort_keys=True))
            return _failure(400, self.duplicate, "A request with this idempotencyKey was already processed")
        self._used[key] = now
        self.bodies.setdefault(key, set()).add(json.dumps(mail, sort_keys=True))
        return self._refusal(mail) or self._take(mail)

    def _refusal(self, mail: dict[str, Any]) -> Reply | None:
        if self.credits <= 0:
            return _failure(402, "not_enough_credits", "Not enough credits")
        if mail["sender"]["email"] not in self.senders:
            return _failure(
                400, "invalid_parameter", "Sending has been rejected because the sender is not valid"
            )
        if not all(value.isascii() for value in mail["headers"].values()):
            return _failure(400, "invalid_parameter", "headers are not ASCII")
        if "@" not in mail["to"][0]["email"] or "@123." in mail["to"][0]["email"]:
            return _failure(400, "invalid_parameter", f"email {mail['to'][0]['email']} is not valid in to")
        return None

    def _take(self, mail: dict[str, Any]) -> Reply:
        self.credits -= 1
        self.journal.append({**mail, "address": mail["to"][0]["email"]})
        return Reply(201, {"messageId": f"<2026061100.{len(self.journal)}@smtp-relay.mailin.example>"})

    def kept(self) -> list[bytes]:
        return [read_by(each["subject"], each["htmlContent"], each["textContent"]) for each in self.journal]


def _failure(status: int, code: str, said: str) -> Reply:
    return Reply(status, {"code": code, "message": said})
