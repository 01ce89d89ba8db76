"""A real mail server (aiosmtpd) on a random port, with TLS by a throwaway authority."""

import asyncio
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "lettre@reseau.example", "mot de passe é"


@dataclass
class Authority:
    """A certificate authority that nobody else knows; `ca_file` is what a client has to trust."""

    folder: Path
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        self.ca_file = self.folder / "ca.pem"
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Throwaway")])
        made = self._certificate(self.name, self.key.public_key(), days=(-1, 1))
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        made = made.add_extension(usage, critical=True)
        self.ca_file.write_bytes(_pem(made.sign(self.key, hashes.SHA256())))

    def server_context(self, *, days: tuple[int, int] = (-1, 1), name: str = "127.0.0.1") -> ssl.SSLContext:
        """For a server whose certificate is valid on these days from now, for this address."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))])
        made = self._certificate(subject, key.public_key(), days=days).add_extension(names, critical=False)
        path = self.folder / f"server-{key.public_key().public_numbers().x:x}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(private + _pem(made.sign(self.key, hashes.SHA256())))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def client_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_file)

    def _certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, days: tuple[int, int]
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=days[0]))
            .not_valid_after(now + timedelta(days=days[1]))
        )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


class _Patient(SMTP):
    line_length_limit = 1 << 20


@dataclass
class MailServer:
    """Takes everything from whoever knows the password. `kept` holds (sender, recipient, bytes)."""

    kept: list[tuple[str, str, bytes]] = field(default_factory=list)
    port: int = 0
    sessions: int = 0

    async def handle_DATA(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        [recipient] = envelope.rcpt_tos
        self.kept.append((str(envelope.mail_from), recipient, bytes(envelope.original_content or b"")))
        return f"250 2.0.0 Ok: queued as {len(self.kept):08X}"


def _authenticate(
    _server: SMTP, _session: Session, _envelope: Envelope, _name: str, given: Any
) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=right, handled=False)


@contextmanager
def mail_server(context: ssl.SSLContext, *, early: bool) -> Iterator[MailServer]:
    """TLS from the first byte (`early`), or after STARTTLS."""
    server = MailServer()
    listening = socket.create_server(("127.0.0.1", 0))
    server.port = listening.getsockname()[1]
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _loop, _context: None)  # broken handshakes are what is tested

    def protocol() -> SMTP:
        server.sessions += 1
        tls: dict[str, Any] = (
            {"auth_require_tls": False} if early else {"tls_context": context, "require_starttls": True}
        )
        return _Patient(
            server,
            hostname="mail.example",
            loop=loop,
            authenticator=_authenticate,
            auth_required=not early,
            **tls,
        )

    async def serve() -> asyncio.Server:
        return await loop.create_server(protocol, sock=listening, ssl=context if early else None)

    running = loop.run_until_complete(serve())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_end(running), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    """Also of sessions whose handshake failed."""
    server.close()
    sessions = asyncio.all_tasks() - {asyncio.current_task()}
    for each in sessions:
        each.cancel()
    await asyncio.gather(*sessions, return_exceptions=True)
