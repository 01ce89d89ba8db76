"""SMTP submission (RFC 6409): what every co-operative and association that hosts mail offers.

One transaction per recipient, so that an answer speaks of one person. The envelope's sender carries the delivery's key
(VERP), so that what comes back later says whose mail it was. SMTP knows neither idempotence nor a look-up: a
connection lost after the final dot is a doubt that a person decides (class C), and every loss before it is certain.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mailer.clock import Clock, SystemClock
from mailer.errors import Problem
from mailer.model.mail import (
    Capabilities,
    Message,
    Pending,
    ProviderEvent,
    Rate,
    RawRequest,
    Resolution,
    Resolved,
    SendResult,
    Status,
)
from mailer.providers import smtp_checks
from mailer.providers.base import BadSignature, only
from mailer.providers.bounces import Bounces
from mailer.providers.brake import Brake
from mailer.providers.http import Limits
from mailer.providers.smtp_answers import (
    Refusals,
    halt,
    halt_of_lost,
    halting_reason,
    is_about_the_person,
    is_slow_down,
)
from mailer.providers.smtp_client import Account
from mailer.providers.smtp_lines import Lines
from mailer.providers.smtp_session import Lost, Parcel, Phase, Refused, Reply, Session
from mailer.providers.watch import Call, Watch

#: What can stand between `<` and `>` without ending it, or the line (security S4, S5).
_ADDRESS = re.compile(r"[^\s<>@\x00-\x20\x7f-\U0010ffff]{1,64}@[A-Za-z0-9.-]{1,253}")


@dataclass(frozen=True, slots=True)
class EnvelopeSender:
    """Whom a server tells what it could not deliver: `bounce+<key>@domain`, or one address for all."""

    #: Empty: `bounce` at the domain of the Message-ID.
    address: str = ""
    #: Whether the key is put into it.
    verp: bool = True

    def of(self, message: Message) -> str:
        return self._with(self.address or f"bounce@{message.envelope.domain}", message.key)

    @property
    def probe(self) -> str:
        """An address like those of mails, for a check; empty where only a mail's domain will tell."""
        return self._with(self.address, "a" * 26) if self.address else ""

    def _with(self, address: str, key: str) -> str:
        local, _, domain = address.rpartition("@")
        return f"{local}+{key}@{domain}" if self.verp else address


class Smtp:
    """One account at one mail server. At most `most` mails go over one connection."""

    name = "smtp"

    def __init__(
        self,
        account: Account,
        *,
        sender: EnvelopeSender | None = None,
        most: int = 100,
        rate: Rate | None = None,
        limits: Limits | None = None,
        bounces: Bounces | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._account = account
        self._sender = sender or EnvelopeSender()
        self._limits = limits or Limits()
        self._lines = Lines(most)
        self._watch = Watch(self._limits.total)
        self._brake = Brake(clock or SystemClock())
        self._refusals = Refusals()
        self._bounces = bounces
        self.caps = Capabilities(mailbox=bounces is not None, rate=rate)

    def send(self, batch: Sequence[Message], *, attempt_key: UUID) -> list[SendResult]:
        del attempt_key  # SMTP takes the same mail as often as it is handed over
        return [self._send(message) for message in only(batch, self.caps)]

    def resolve(self, asked: Sequence[Pending]) -> list[Resolution]:
        """Undecided: nobody can be asked."""
        return [Resolution(key=each.key, found=Resolved.UNDECIDED) for each in asked]

    def parse_webhook(self, request: RawRequest) -> list[ProviderEvent]:
        raise BadSignature("A mail server has no webhooks: this request did not come from it.")

    def poll(self, since: datetime) -> Iterable[ProviderEvent]:
        """What the bounce mailbox holds; see Bounces.poll for when a report is put away."""
        return self._bounces.poll(since) if self._bounces else ()

    def check(self) -> list[Problem]:
        found = smtp_checks.check(self._account, sender=self._sender.probe, limits=self._limits)
        return found + (self._bounces.check() if self._bounces else [])

    def _send(self, message: Message) -> SendResult:
        parcel = Parcel(message.key, self._sender.of(message), message.envelope.to.address, mime=message.mime)
        if (unfit := _unfit(parcel)) is not None:
            return SendResult(message.key, Status.REJECTED, code=unfit)
        if (pause := self._brake.remaining()) > 0:
            return SendResult(message.key, Status.NOT_TRIED, retry_after=pause, code="slow-down")
        try:
            with self._watch.guard() as call:
                reply = self._deliver(parcel, call)
        except Lost as lost:
            return _lost(parcel, lost)
        except Refused as refused:
            return self._refused(parcel, refused, message.envelope.sender.address)
        self._brake.release()
        self._refusals.taken()
        # Only the key can come back in a report: it is the server's reference as well as ours.
        return SendResult(message.key, Status.ACCEPTED, message.key, code=str(reply.code), detail=reply.said)

    def _deliver(self, parcel: Parcel, call: Call) -> Reply:
        """Over a kept connection if there is one. It may have ended unnoticed: that shows at MAIL, when nothing of
        the mail has left, so a new connection doubles nothing."""
        kept = self._lines.take()
        if kept is not None:
            try:
                return self._over(kept, parcel, call)
            except Lost as lost:
                if lost.phase is not Phase.SENDER or call.is_overdue:
                    raise
            except Refused as refused:
                if refused.phase is not Phase.SENDER or refused.reply.code != 421:
                    raise
        fresh = Session(self._account, self._limits)
        try:
            fresh.open(call)
        except BaseException:
            fresh.close()
            raise
        return self._over(fresh, parcel, call)

    def _over(self, session: Session, parcel: Parcel, call: Call) -> Reply:
        try:
            reply = session.deliver(parcel, call)
        except Refused as refused:
            ended = refused.reply.code == 421
            if not ended and (refused.phase is Phase.END or session.begin_again()):
                self._lines.keep(session)
            else:
                session.close()
            raise
        except BaseException:
            session.close()
            raise
        self._lines.keep(session)
        return reply

    def _refused(self, parcel: Parcel, refused: Refused, author: str) -> SendResult:
        """Certainly not taken; raises ProviderHalt where it concerns everybody."""
        reply = refused.reply
        code = reply.enhanced or str(reply.code)
        if 400 <= reply.code < 500:
            pause = self._brake.hold() if is_slow_down(refused) else None
            return SendResult(parcel.key, Status.RETRY, retry_after=pause, code=code, detail=reply.said)
        status = self._permanent(parcel.key, refused)
        if status is None:
            sender = author if refused.phase is Phase.END else parcel.sender
            raise halt(halting_reason(refused), reply.said, sender=_without_key(sender, parcel.key))
        return SendResult(parcel.key, status, code=code, detail=reply.said)

    def _permanent(self, key: str, refused: Refused) -> Status | None:
        if is_about_the_person(refused):
            return Status.REJECTED
        unsaid = refused.phase in {Phase.RECIPIENT, Phase.CONTENT}
        if unsaid and halting_reason(refused) == "policy":
            return self._refusals.judge(key, refused.reply)
        return None


def _lost(parcel: Parcel, lost: Lost) -> SendResult:
    """After the final dot a doubt, before it a certain "not taken"; raises ProviderHalt where TLS is the matter."""
    if lost.phase is Phase.END:
        return SendResult(parcel.key, Status.UNKNOWN, code=lost.code)
    if (halted := halt_of_lost(lost)) is not None:
        raise halted
    return SendResult(parcel.key, Status.RETRY, code=lost.code)


def _unfit(parcel: Parcel) -> str | None:
    """What no server may be given: an address that ends its command, a line end that ends the mail early."""
    if not _ADDRESS.fullmatch(parcel.sender):
        raise halt("unverified-sender", "address-malformed", sender=repr(parcel.sender))
    if not _ADDRESS.fullmatch(parcel.recipient):
        return "address-malformed"
    ends = parcel.mime.count(b"\r\n")
    if parcel.mime.count(b"\n") != ends or parcel.mime.count(b"\r") != ends:
        return "bare-line-end"
    return None


def _without_key(sender: str, key: str) -> str:
    return sender.replace(f"+{key}", "")
