"""Just enough of Mailjet, written from providers.md 2.3 and not from the adapter."""

from typing import Any

from tests.providers.hosted_fake import Call, Reply, read_by

#: Error send-0011.
FORBIDDEN = {
    "from", "sender", "subject", "to", "cc", "bcc", "return-path", "date", "message-id", "list-id", "feedback-id",
    "x-feedback-id", "user-agent", "reply-to", "mime-version",
}  # fmt: skip


class MailjetApi:
    """An account with one pair of keys; `senders` are the validated ones, `suspended` what its owner fears."""

    send_path = "/v3.1/send"

    def __init__(self, keys: str, *, senders: tuple[str, ...] = ("lettre@reseau.example",)) -> None:
        self.keys = keys
        self.senders = senders
        self.suspended = False
        #: Messages that it will look for, but not find yet.
        self.lagging = False
        self.journal: list[dict[str, Any]] = []
        #: Copies that DeduplicateCampaign stopped after they were taken: event "duplicate in campaign".
        self.duplicates: list[dict[str, Any]] = []

    def reply(self, call: Call) -> Reply:
        if call.basic != self.keys:
            return _failure(401, "mj-0015", "API key authentication/authorization failure.")
        if self.suspended:
            return _failure(401, "mj-0001", "The account is suspended.")
        if (call.method, call.path) == ("POST", self.send_path):
            return self._send(call.body)
        if (call.method, call.path) == ("GET", "/v3/REST/message"):
            return self._messages(call.query)
        return _failure(404, "mj-0004", "Not found.")

    def _send(self, body: dict[str, Any]) -> Reply:
        messages = body.get("Messages")
        if not isinstance(messages, list) or not 1 <= len(messages) <= 50:
            return _failure(400, "mj-0002", "Malformed JSON, please review the syntax and properties types.")
        entries = [self._take(each) for each in messages]
        failed = any(each["Status"] == "error" for each in entries)
        return Reply(400 if failed else 200, {"Messages": entries})

    def _take(self, mail: dict[str, Any]) -> dict[str, Any]:
        if mail["From"]["Email"] not in self.senders:
            return _error("send-0008", 403, "The sender is not validated.", "From.Email")
        if FORBIDDEN & {name.lower() for name in mail["Headers"]} or _has(
            mail["Headers"], ("x-mj-", "x-mailjet-")
        ):
            return _error("send-0011", 400, "Header is not allowed.", "Headers")
        if not all(value.isascii() for value in mail["Headers"].values()):
            return _error("mj-0013", 400, "Header is not ASCII.", "Headers")
        [box] = mail["To"]
        if "@123." in box["Email"] or "@" not in box["Email"]:
            return _error("mj-0013", 400, f'"{box["Email"]}" is an invalid email address.', "To[0].Email")
        number = 2**62 + 1 + 2 * (len(self.journal) + len(self.duplicates))
        return self._keep(mail, box, number)

    def _keep(self, mail: dict[str, Any], box: dict[str, str], number: int) -> dict[str, Any]:
        kept = {**mail, "ID": number, "address": box["Email"]}
        first = [
            each
            for each in self.journal
            if (each["CustomCampaign"], each["address"]) == (mail["CustomCampaign"], box["Email"])
        ]
        if mail.get("DeduplicateCampaign") and first:
            self.duplicates.append(kept)
        else:
            self.journal.append(kept)
        to = {
            "Email": box["Email"],
            "MessageUUID": "556e896a",
            "MessageID": number,
            "MessageHref": f"/message/{number}",
        }
        return {"Status": "success", "CustomID": mail["CustomID"], "To": [to], "Cc": [], "Bcc": []}

    def _messages(self, query: Any) -> Reply:
        found = [
            {"ID": each["ID"], "CustomID": each["CustomID"], "Status": "sent"}
            for each in [*self.journal, *self.duplicates]
            if query.get("CustomID") in {None, each["CustomID"]} and not self.lagging
        ]
        return Reply(200, {"Count": len(found), "Data": found[:10], "Total": len(found)})

    def kept(self) -> list[bytes]:
        return [read_by(each["Subject"], each["HTMLPart"], each["TextPart"]) for each in self.journal]


def _has(headers: dict[str, str], starts: tuple[str, ...]) -> bool:
    return any(name.lower().startswith(starts) for name in headers)


def _failure(status: int, code: str, said: str) -> Reply:
    error = {"ErrorIdentifier": "06df", "ErrorCode": code, "ErrorMessage": said, "StatusCode": status}
    return Reply(status, error)


def _error(code: str, status: int, said: str, field: str) -> dict[str, Any]:
    error = {
        "ErrorIdentifier": "f480",
        "ErrorCode": code,
        "StatusCode": status,
        "ErrorMessage": said,
        "ErrorRelatedTo": [field],
    }
    return {"Status": "error", "Errors": [error]}
