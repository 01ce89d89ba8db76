"""One connection to a mail server that takes our mail (submission: RFC 6409, RFC 5321), from its greeting to QUIT.

smtplib says "disconnected" in the same words before and after the end of a message. So the phases are driven by hand
here, and every failure carries the phase it happened in: only a loss after the final dot leaves a doubt.
"""

import contextlib
import re
import smtplib
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import NoReturn

from mailer.providers.http import Limits
from mailer.providers.smtp_client import Account, Client, Garbled
from mailer.providers.watch import Call
from mailer.providers.wording import safe_detail

#: At the head of a reply (RFC 2034), or as qmail writes it: `553 sorry, not allowed (#5.7.1)`.
_ENHANCED = re.compile(r"(?:^|\(#)([245]\.[0-9]{1,3}\.[0-9]{1,3})\b")
_LINE_WITH_DOT = re.compile(rb"(?m)^\.")
_POLITE_SECONDS = 2.0


class Phase(IntEnum):
    """How far the dialogue has come. From END on the server may have the mail."""

    CONNECTION = 1
    ENCRYPTION = 2
    LOGIN = 3
    SENDER = 4
    RECIPIENT = 5
    CONTENT = 6
    END = 7


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said; `enhanced` as in RFC 3463, empty where it gave none."""

    code: int
    text: str = ""

    @property
    def enhanced(self) -> str:
        found = _ENHANCED.search(self.text)
        return found.group(1) if found else ""

    @property
    def said(self) -> str:
        """Fit for the ledger, the log and the screen."""
        return safe_detail(f"{self.code} {self.text}" if self.code else self.text)


class Lost(Exception):
    """The connection was not made, or broke, or what came over it is no SMTP.

    `code`: name-not-found, connection-refused, connect-timeout, certificate, encryption, connection-lost,
    read-timeout, deadline, unreadable-answer. `reason`: of a certificate or handshake, in the library's words.
    """

    def __init__(self, code: str, phase: Phase, reason: str = "") -> None:
        super().__init__(code)
        self.code, self.phase, self.reason = code, phase, reason


class Refused(Exception):
    """The server said no, in this phase. Code 0: it does not offer what we must have."""

    def __init__(self, phase: Phase, reply: Reply) -> None:
        super().__init__(phase.name, reply.code)
        self.phase, self.reply = phase, reply


@dataclass(frozen=True, slots=True)
class Parcel:
    """One mail for one person, CRLF only. `key` comes back in delivery reports."""

    key: str
    sender: str
    recipient: str
    mime: bytes


class Session:
    """One connection, used by one thread at a time. Raises Lost and Refused, nothing else."""

    def __init__(self, account: Account, limits: Limits) -> None:
        self._account = account
        self._client = Client(account, limits)
        self._call: Call | None = None
        self.phase = Phase.CONNECTION
        #: Parcels carried, and when it was used last (monotonic seconds).
        self.carried = 0
        self.used_at = time.monotonic()

    def open(self, call: Call) -> None:
        """Connect, encrypt, log in."""
        self._watched_by(call)
        with self._failing():
            greeting = _reply(self._client.reach())
        self._expect(greeting, 220)
        self._greet()
        if self._account.context is not None and not self._account.early:
            self._encrypt(self._account.context)
        if self._account.username:
            self._log_in()

    def deliver(self, parcel: Parcel, call: Call) -> Reply:
        """One transaction; gives the reply to the final dot, a 2xx."""
        self._watched_by(call)
        self.introduce(parcel.sender, key=parcel.key, size=len(parcel.mime))
        self.address(parcel.recipient)
        self._content(parcel.mime)
        self.phase = Phase.END
        with self._failing():
            # A write of its own: whatever fails before it is certainly not the end of the message.
            self._client.send(b".\r\n")
            reply = _reply(self._client.getreply())
        self.carried += 1
        return self._expect(reply)

    def introduce(self, sender: str, *, key: str = "", size: int = 0) -> None:
        """MAIL FROM; with `key` the server is asked to repeat it in its reports (RFC 3461)."""
        self.phase = Phase.SENDER
        most = self._offered("size")
        if most.isdigit() and 0 < int(most) < size:
            raise Refused(self.phase, Reply(552, f"5.3.4 SIZE {most}"))
        options = f" SIZE={size}" if size and self._client.has_extn("size") else ""
        if key and self._client.has_extn("dsn"):
            options += f" RET=HDRS ENVID={key}"
        self._expect(self._command("MAIL", f"FROM:<{sender}>{options}"))

    def address(self, recipient: str) -> None:
        """RCPT TO; reports are wanted of failures and delays, not of success."""
        self.phase = Phase.RECIPIENT
        notify = " NOTIFY=FAILURE,DELAY" if self._client.has_extn("dsn") else ""
        self._expect(self._command("RCPT", f"TO:<{recipient}>{notify}"))

    def begin_again(self) -> bool:
        """Leave a refused transaction; False where the connection is of no more use."""
        try:
            return self._command("RSET").code == 250
        except Lost:
            return False

    def close(self) -> None:
        """Say QUIT and hang up; the answer would be of no use, and waiting for it could take long."""
        with contextlib.suppress(OSError):
            if self._client.sock is not None:
                self._client.sock.settimeout(_POLITE_SECONDS)
                self._client.putcmd("QUIT")
        self._hang_up()

    # --- steps --------------------------------------------------------------------------------------

    def _greet(self) -> None:
        with self._failing():
            answer = _reply(self._client.ehlo(self._account.hello))
        self._expect(answer)

    def _encrypt(self, context: ssl.SSLContext) -> None:
        self.phase = Phase.ENCRYPTION
        if not self._client.has_extn("starttls"):
            raise Refused(self.phase, Reply(0, "STARTTLS"))
        self._expect(self._command("STARTTLS"), 220)
        with self._failing():
            self._client.encrypt(context)
        self._greet()  # what was said before encryption may have been anybody's

    def _log_in(self) -> None:
        self.phase = Phase.LOGIN
        username, password = self._account.username, self._account.password
        offered = self._offered("auth").upper().split()
        if "PLAIN" in offered:
            self._expect(self._command("AUTH", "PLAIN " + _base64(f"\0{username}\0{password}")))
        elif "LOGIN" in offered:
            self._expect(self._command("AUTH", "LOGIN"), 334)
            self._expect(self._command(_base64(username)), 334)
            self._expect(self._command(_base64(password)))
        else:
            raise Refused(self.phase, Reply(0, "AUTH PLAIN, AUTH LOGIN"))

    def _content(self, mime: bytes) -> None:
        self.phase = Phase.CONTENT
        self._expect(self._command("DATA"), 354)
        with self._failing():
            self._client.send(_stuffed(mime))
        overdue = self._call is not None and self._call.is_overdue
        if overdue or not self._client.is_listening():
            self._lose("connection-lost")  # still certain, as the dot was not sent

    def _offered(self, extension: str) -> str:
        return str(self._client.esmtp_features.get(extension, "")).strip()

    # --- dialogue -----------------------------------------------------------------------------------

    def _command(self, verb: str, rest: str = "") -> Reply:
        with self._failing():
            return _reply(self._client.docmd(verb, rest))

    def _expect(self, reply: Reply, *codes: int) -> Reply:
        """The reply if it is one of these codes (none given: any 2xx); another success is no SMTP."""
        if reply.code in codes or (not codes and reply.code < 300):
            return reply
        if reply.code < 400:
            self._lose("unreadable-answer")
        raise Refused(self.phase, reply)

    def _watched_by(self, call: Call) -> None:
        self._call = call
        self.used_at = time.monotonic()
        call.connection = self._client

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Whatever breaks in between is a Lost with its phase."""
        try:
            yield
        except Garbled:
            self._lose("unreadable-answer")
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            unmade = self._client.sock is None and isinstance(error, TimeoutError)
            code = "connect-timeout" if unmade else _code(error, self.phase)
            self._lose(code, getattr(error, "verify_message", "") or str(getattr(error, "reason", "") or ""))

    def _hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self._client.close()

    def _lose(self, code: str, reason: str = "") -> NoReturn:
        self._hang_up()
        overdue = self._call is not None and self._call.is_overdue
        raise Lost("deadline" if overdue else code, self.phase, reason)


def _reply(answer: tuple[int, bytes]) -> Reply:
    return Reply(answer[0], answer[1].decode("utf-8", "replace"))


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _stuffed(mime: bytes) -> bytes:
    """A line that begins with a dot gets a second one (RFC 5321 4.5.2); the last line is ended."""
    body = _LINE_WITH_DOT.sub(b"..", mime) if b"\n." in mime or mime.startswith(b".") else mime
    return body if body.endswith(b"\r\n") else body + b"\r\n"


def _code(error: BaseException, phase: Phase) -> str:
    """Why it broke, as http.py says it."""
    if isinstance(error, smtplib.SMTPServerDisconnected):
        timed_out = isinstance(error.__context__, TimeoutError)
        return "read-timeout" if timed_out else "connection-lost"
    if isinstance(error, socket.gaierror):
        return "name-not-found"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate"
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return "encryption" if phase <= Phase.ENCRYPTION else "connection-lost"
    if isinstance(error, ConnectionRefusedError):
        return "connection-refused"
    if isinstance(error, TimeoutError):
        return "read-timeout"
    return "connection-lost"
