"""The HTTP face: a bare ASGI function, since a 90 kB message must cost little more than its bytes."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from mailer.clock import Clock
from mailer.sandbox import contract, lookup
from mailer.sandbox.contract import Params, Refusal, Unhandled
from mailer.sandbox.faults import REQUEST_FAULTS, Fault, Faults, Plan
from mailer.sandbox.ledger import Ledger
from mailer.sandbox.office import Office
from mailer.sandbox.post import Post, Submission
from mailer.sandbox.serving import TRANSPORT, break_off, reset
from mailer.sandbox.signing import SigningKey

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_log = logging.getLogger(__name__)

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH"})
_RETURN_PATH_DOMAIN = "rp.sandbox.example"
_NOTICED_SECONDS = 10
_BROKEN = (
    b"<!DOCTYPE html><html><head><title>We're sorry, but something went wrong (500)</title></head></html>"
)
_ABSENT = b"<!DOCTYPE html><html><head><title>The page you were looking for doesn't exist (404)</title></head></html>"
_PROXY = b"<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>"
_BUSY = b"<html><head><title>429 Too Many Requests</title></head><body><center>nginx</center></body></html>"


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. `accepted` are the ids that it confirms."""

    body: bytes
    status: int = 200
    kind: bytes = b"application/json; charset=utf-8"
    extra: tuple[tuple[bytes, bytes], ...] = ()
    accepted: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Face:
    """What the HTTP face needs. Called as an ASGI application."""

    ledger: Ledger
    post: Post
    office: Office
    faults: Faults
    key: SigningKey
    api_key: str
    domains: tuple[str, ...]
    clock: Clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await _body(receive)
        submits = scope["path"].startswith("/api/v1/send/")
        plan = self.faults.take(REQUEST_FAULTS) if submits else None
        if plan is not None:
            await self._suffer(plan, scope, body, receive, send)
        else:
            await _reply(send, await self._answer(scope, body))

    async def _answer(self, scope: Scope, body: bytes) -> Answer:
        if scope["path"] == "/.well-known/jwks.json":
            return Answer(json.dumps(self.key.jwks()).encode())
        act = _ACTS.get(scope["path"])
        if act is None or scope["method"] not in _METHODS:
            return Answer(_ABSENT, 404, b"text/html; charset=utf-8")
        started = time.monotonic()
        headers = dict(scope["headers"])
        try:
            key = headers.get(b"x-server-api-key", b"").decode("latin-1")
            contract.authenticate(key, expected=self.api_key, suspended=self.office.suspended)
            content_type = headers.get(b"content-type", b"").decode("latin-1")
            params = contract.parameters(content_type, body, scope["query_string"])
            data, accepted = await act(self, params)
        except Refusal as refusal:
            return _json(refusal.status, refusal.data, started)
        except Unhandled:
            return Answer(_BROKEN, 500, b"text/html; charset=utf-8")
        except Exception:  # noqa: BLE001  # the process edge: Rails shows this page for the unforeseen
            _log.exception("a request could not be answered")
            return Answer(_BROKEN, 500, b"text/html; charset=utf-8")
        return _json("success", data, started, accepted)

    async def send_raw(self, params: Params) -> tuple[object, tuple[int, ...]]:
        return await self._accept(contract.raw(params, domains=self.domains))

    async def send_message(self, params: Params) -> tuple[object, tuple[int, ...]]:
        asked = contract.message(
            params, domains=self.domains, domain=_RETURN_PATH_DOMAIN, at=self.clock.now()
        )
        return await self._accept(asked)

    async def message(self, params: Params) -> tuple[object, tuple[int, ...]]:
        number = contract.number(params)
        row = lookup.find(self.ledger, number)
        if row is None:
            raise contract.not_found(number)
        return lookup.describe(row, params.get("_expansions"), self.post.raw), ()

    async def deliveries(self, params: Params) -> tuple[object, tuple[int, ...]]:
        number = contract.number(params)
        if lookup.find(self.ledger, number) is None:
            raise contract.not_found(number)
        return lookup.deliveries(self.ledger, number), ()

    async def _accept(self, submission: Submission) -> tuple[object, tuple[int, ...]]:
        if not submission.recipients:
            return {"message_id": None, "messages": {}}, ()
        accepted = await asyncio.wrap_future(self.post.accept(submission))
        messages = {each.recipient: {"id": each.id, "token": each.token} for each in accepted}
        data = {"message_id": submission.head.message_id, "messages": messages}
        return data, tuple(each.id for each in accepted)

    async def _suffer(self, plan: Plan, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        transport = scope["extensions"][TRANSPORT]
        before = _BEFORE.get(plan.fault)
        if before is not None:
            wait = ((b"retry-after", str(plan.retry_after).encode()),) if plan.retry_after is not None else ()
            extra = wait if plan.fault is Fault.PROXY_429 else ()
            await _reply(send, Answer(before[1], before[0], b"text/html", extra))
            return
        if plan.fault is Fault.RESET_BEFORE_COMMIT:
            reset(transport)
        else:
            answer = await self._answer(scope, body)
            if plan.fault is Fault.COMMIT_THEN_RESET:
                reset(transport)
            elif plan.fault is Fault.TRUNCATED_200:
                break_off(transport, answer.body)
            elif plan.fault is not Fault.COMMIT_THEN_HANG:
                await self._answer_late(plan, answer, send)
                return
        await _gone(receive)

    async def _answer_late(self, plan: Plan, answer: Answer, send: Send) -> None:
        if plan.fault is Fault.COMMIT_THEN_500:
            answer = Answer(_BROKEN, 500, b"text/html; charset=utf-8")
        elif plan.fault is Fault.SLOW:
            await asyncio.sleep(plan.seconds)
        else:
            await self._noticed(answer.accepted)
        await _reply(send, answer)

    async def _noticed(self, ids: tuple[int, ...]) -> None:
        """Wait until the first webhook of each message has been delivered."""
        until = time.monotonic() + _NOTICED_SECONDS
        question = "SELECT 1 FROM message WHERE id = ? AND (last_attempt IS NULL OR id IN (SELECT message FROM hook))"
        while any(self.ledger.read(question, each) for each in ids) and time.monotonic() < until:
            await asyncio.sleep(0.01)


_Act = Callable[[Face, Params], Awaitable[tuple[object, tuple[int, ...]]]]
_ACTS: dict[str, _Act] = {
    "/api/v1/send/raw": Face.send_raw,
    "/api/v1/send/message": Face.send_message,
    "/api/v1/messages/message": Face.message,
    "/api/v1/messages/deliveries": Face.deliveries,
}
_BEFORE = {Fault.PROXY_502_HTML: (502, _PROXY), Fault.PROXY_429: (429, _BUSY)}


def _json(status: str, data: object, started: float, accepted: tuple[int, ...] = ()) -> Answer:
    spent = round(time.monotonic() - started, 3)
    body = json.dumps({"status": status, "time": spent, "flags": {}, "data": data}, ensure_ascii=False)
    return Answer(body.encode(), accepted=accepted)


async def _body(receive: Receive) -> bytes:
    pieces = []
    while True:
        event = await receive()
        pieces.append(event.get("body", b""))
        if not event.get("more_body"):
            return b"".join(pieces)


async def _reply(send: Send, answer: Answer) -> None:
    length = str(len(answer.body)).encode()
    headers = [(b"content-type", answer.kind), (b"content-length", length), *answer.extra]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
