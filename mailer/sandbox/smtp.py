"""The SMTP face: Postal's submission server, with its words, into the same post room (providers.md 2.2)."""

import asyncio
import hmac
from typing import Any

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, LoginPassword, Session

from mailer.sandbox import contract, headers
from mailer.sandbox.office import Office
from mailer.sandbox.post import Post, Submission
from mailer.tokens import random_text

#: Postal's "14MB".
MAXIMUM_BYTES = 14 * 1024 * 1024
_GRANTED = "235 Granted for relais/sandbox"
_INVALID = "535 Invalid credential"


class Submitting(SMTP):
    """aiosmtpd's protocol with Postal's reply where they differ. A line that ends with a bare LF does not end
    anything: only CRLF . CRLF closes a message, so nothing can be smuggled behind it (CVE-2024-27938)."""

    line_length_limit = 1 << 20

    async def check_auth_needed(self, caller_method: str) -> bool:
        if self.session is not None and self.session.authenticated:
            return False
        await self.push("530 Authentication required")
        return True


class Handler:
    """What the session asks of the sandbox."""

    def __init__(self, post: Post, office: Office, *, api_key: str, domains: tuple[str, ...]) -> None:
        self._post, self._office, self._api_key, self._domains = post, office, api_key, domains

    def protocol(self) -> Submitting:
        """A new session."""
        return Submitting(
            self,
            data_size_limit=2 * MAXIMUM_BYTES,  # the exact limit is ours to refuse, in Postal's words
            hostname="sandbox.example",
            ident="ESMTP Postal",
            enable_SMTPUTF8=False,
            auth_require_tls=False,
            authenticator=self._authenticate,
            loop=asyncio.get_running_loop(),
        )

    async def handle_EHLO(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, _replies: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return ["250-My capabilities are", "250 AUTH CRAM-MD5 PLAIN LOGIN"]

    async def auth_CRAM__MD5(self, server: SMTP, _args: list[str]) -> AuthResult:  # noqa: N802
        challenge = f"<{random_text(12)}@sandbox.example>"
        answer = await server.challenge_auth(challenge)
        if answer is MISSING:
            return AuthResult(success=False)
        _, _, given = bytes(answer).decode("latin-1").rpartition(" ")
        expected = hmac.new(self._api_key.encode(), challenge.encode(), "md5").hexdigest()
        return self._result(hmac.compare_digest(given.encode(), expected.encode()))

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = bytes(envelope.original_content or b"")
        head = headers.read(raw)
        if len(raw) > MAXIMUM_BYTES:
            return "552 Message too large (maximum size 14MB)"
        if headers.loops(raw):
            return "550 Loop detected"
        if not contract.may_send(head.senders, self._domains):
            return "530 From/Sender name is not valid"
        recipients = tuple(dict.fromkeys(envelope.rcpt_tos))
        submission = Submission(str(envelope.mail_from), recipients, raw, head, ssl=False)
        await asyncio.wrap_future(self._post.accept(submission))
        return "250 OK"

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._office.suspended:
            return "535 Mail server has been suspended"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _name: str, given: Any
    ) -> AuthResult:
        password = given.password if isinstance(given, LoginPassword) else b""
        return self._result(hmac.compare_digest(password, self._api_key.encode()))

    def _result(self, right: bool) -> AuthResult:
        return AuthResult(success=right, handled=False, message=_GRANTED if right else _INVALID)
