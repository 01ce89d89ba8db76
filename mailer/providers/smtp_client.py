"""smtplib's dialogue, made strict: whole replies only, a socket that can be cut at any moment, TLS as we say.

smtplib takes `25` at the end of a broken connection for a reply, never limits how long a reply goes on, and shows its
socket only once a slow TLS handshake is over. What it does well, EHLO, commands without line breaks, is used as it is.
"""

import re
import smtplib
import socket
import ssl
from dataclasses import dataclass, field

from mailer.providers.http import Limits

#: RFC 5321 4.2.1: three digits, then a blank or a hyphen; a line without its end is a truncated one.
_REPLY = re.compile(rb"([2-5][0-9]{2})(?:([ -])([^\r\n]*))?\r?\n")
_LONGEST_LINE = 8192
_MOST_LINES = 100


class Garbled(Exception):
    """What came is no SMTP reply, or half of one."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where and as whom. `context` None: no encryption, for this machine only; `early`: TLS before the greeting."""

    host: str
    port: int
    context: ssl.SSLContext | None
    early: bool = True
    username: str = ""
    password: str = field(default="", repr=False)
    #: What we call ourselves in EHLO.
    hello: str = "[127.0.0.1]"


class Client(smtplib.SMTP):
    """A subclass because smtplib offers no other way in: it calls `getreply` and `_get_socket` itself."""

    def __init__(self, account: Account, limits: Limits) -> None:
        super().__init__(local_hostname=account.hello, timeout=limits.connect)
        self._account = account
        self._limits = limits

    def reach(self) -> tuple[int, bytes]:
        """Connect; the greeting."""
        return self.connect(self._account.host, self._account.port)

    def encrypt(self, context: ssl.SSLContext) -> None:
        """TLS over the connection as it is; what was read ahead in clear is thrown away (CVE-2011-0411)."""
        assert self.sock is not None
        self.file = None
        # Shown before the handshake, so that the watch can cut a server that drips it.
        self.sock = context.wrap_socket(
            self.sock, server_hostname=self._account.host, do_handshake_on_connect=False
        )
        self.sock.do_handshake()

    def getreply(self) -> tuple[int, bytes]:
        """One whole reply, every line of it with the same code; raises Garbled."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("closed")
        if self.file is None:
            self.file = self.sock.makefile("rb")
        code, texts = b"", []
        for _ in range(_MOST_LINES):
            line = self.file.readline(_LONGEST_LINE)
            if not line:
                raise smtplib.SMTPServerDisconnected("closed by the server")
            found = _REPLY.fullmatch(line)
            if found is None or code not in {b"", found[1]}:
                raise Garbled
            code = found[1]
            texts.append(found[3] or b"")
            if found[2] != b"-":
                return int(code), b"\n".join(texts)
        raise Garbled

    def is_listening(self) -> bool:
        """Whether the server is still there and has said nothing since its last reply: what it says before the end of a
        mail is no answer to it."""
        assert self.sock is not None
        patience = self.sock.gettimeout()
        self.sock.settimeout(0)
        try:
            if self.file is None or not self.file.peek(1):
                self.sock.recv(1)
            return False  # words, or the end of the connection
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False
        finally:
            self.sock.settimeout(patience)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        self.sock = socket.create_connection((host, port), timeout)
        # The final dot is a write of its own: Nagle's algorithm would hold it back for 40 ms.
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.settimeout(min(self._limits.read, self._limits.total))
        if self._account.context is not None and self._account.early:
            self.encrypt(self._account.context)
        return self.sock
