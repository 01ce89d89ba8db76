"""An account at a mailbox server: a connection with deadlines, and its failures in words."""

import socket
import ssl
from dataclasses import dataclass, field

from mailer.providers.bounces import MailboxError
from mailer.providers.watch import Call
from mailer.providers.wording import safe_detail

#: Of one wait, and of a whole round with all its mails: the heartbeat waits for it.
WAIT_SECONDS, TOTAL_SECONDS = 20.0, 240.0


@dataclass(frozen=True, slots=True)
class MailboxAccount:
    """Where and as whom. TLS from the first byte, as RFC 8314 wants it; `context` None: none, for this machine only."""

    host: str
    port: int
    context: ssl.SSLContext | None
    username: str
    password: str = field(repr=False)


@dataclass(slots=True)
class Wire:
    """What the watch can cut, from the first moment on."""

    sock: socket.socket | None = None


def connect(account: MailboxAccount, call: Call) -> socket.socket:
    """An open and encrypted connection; raises OSError."""
    wire = call.connection = Wire()
    sock = wire.sock = socket.create_connection((account.host, account.port), WAIT_SECONDS)
    if account.context is None:
        return sock
    encrypted = account.context.wrap_socket(sock, server_hostname=account.host, do_handshake_on_connect=False)
    wire.sock = encrypted
    encrypted.do_handshake()
    return encrypted


def unreached(account: MailboxAccount, error: Exception) -> MailboxError:
    """The connection was not made, or broke."""
    named = getattr(error, "verify_message", "") or getattr(error, "strerror", "")
    reason = named or (error.args[0] if error.args else type(error).__name__)
    return MailboxError(
        "The bounce mailbox at {host}, port {port}, cannot be reached: {reason}. Check provider.bounces.host and "
        "provider.bounces.port.",
        host=account.host,
        port=account.port,
        reason=safe_detail(reason),
    )


def refused(account: MailboxAccount, error: Exception) -> MailboxError:
    """The server answered, and said no."""
    said = error.args[0] if error.args else type(error).__name__
    return MailboxError(
        "The bounce mailbox at {host} refuses: {said}. Check provider.bounces.username, provider.bounces.password and "
        "provider.bounces.path.",
        host=account.host,
        said=safe_detail(said.decode("utf-8", "replace") if isinstance(said, bytes) else said),
    )
