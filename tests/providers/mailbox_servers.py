"""Small mailbox servers on the loopback, over TLS, written from RFC 3501 and RFC 1939: an IMAP and a POP account."""

import base64
import contextlib
import re
import socket
import ssl
import threading
from dataclasses import dataclass, field
from typing import Any

USER, PASSWORD = "retours@reseau.example", 'mot "de" passe é'


@dataclass
class MailboxServer:
    """`mails` by their unique id; what is done with them is `seen` or `deleted`, `commands` is what was said."""

    context: ssl.SSLContext
    mails: dict[str, bytes] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    commands: list[str] = field(default_factory=list)
    #: Hang up when a command begins with this.
    drop_at: str = "never"
    port: int = 0

    def __enter__(self) -> Any:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with (
            contextlib.suppress(OSError),
            connection,
            self.context.wrap_socket(connection, server_side=True) as wire,
        ):
            lines = wire.makefile("rb")
            wire.sendall(self.greeting())
            session: dict[str, Any] = {}
            while line := lines.readline():
                said = line.decode("utf-8", "replace").rstrip("\r\n")
                self.commands.append(said)
                if self.drop_at in said:
                    return
                answer = self.answer(said, session)
                wire.sendall(answer)
                if session.get("over"):
                    return

    def greeting(self) -> bytes:
        raise NotImplementedError

    def answer(self, said: str, session: dict[str, Any]) -> bytes:
        raise NotImplementedError


class ImapServer(MailboxServer):
    def greeting(self) -> bytes:
        return b"* OK ready\r\n"

    def answer(self, said: str, session: dict[str, Any]) -> bytes:
        if "awaited" in session:
            tag = session.pop("awaited")
            right = base64.b64decode(said) == f"\0{USER}\0{PASSWORD}".encode()
            return (
                f"{tag} OK in\r\n".encode() if right else f"{tag} NO [AUTHENTICATIONFAILED] no\r\n".encode()
            )
        tag, _, rest = said.partition(" ")
        done = f"{tag} OK done\r\n".encode()
        if rest == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + done
        if rest == "AUTHENTICATE PLAIN":
            session["awaited"] = tag
            return b"+ \r\n"
        if rest.startswith("SELECT"):
            known = rest == 'SELECT "INBOX"'
            return b"* 3 EXISTS\r\n" + done if known else f"{tag} NO no such folder\r\n".encode()
        if rest.startswith("UID SEARCH UNSEEN SINCE "):
            waiting = " ".join(uid for uid in self.mails if uid not in self.seen)
            return f"* SEARCH {waiting}\r\n".encode() + done
        if found := re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", rest):
            data = self.mails[found[1]][: int(found[2])]
            head = f"* 1 FETCH (UID {found[1]} BODY[]<0> {{{len(data)}}}\r\n".encode()
            return head + data + b")\r\n" + done
        if found := re.fullmatch(r"UID STORE (\d+) \+FLAGS\.SILENT \(\\Seen\)", rest):
            self.seen.add(found[1])
            return done
        if rest == "LOGOUT":
            session["over"] = True
            return b"* BYE\r\n" + done
        return f"{tag} BAD what\r\n".encode()


class PopServer(MailboxServer):
    def greeting(self) -> bytes:
        return b"+OK ready\r\n"

    def answer(self, said: str, session: dict[str, Any]) -> bytes:
        verb, *rest = said.split(" ", 1)
        rest_text = rest[0] if rest else ""
        names = session.setdefault("names", [each for each in self.mails if each not in self.deleted])
        if verb == "USER":
            return b"+OK\r\n"
        if verb == "PASS":
            return b"+OK\r\n" if rest_text == PASSWORD else b"-ERR [AUTH] no\r\n"
        if verb == "LIST":
            listed = "".join(f"{n} {len(self.mails[name])}\r\n" for n, name in enumerate(names, 1))
            return f"+OK\r\n{listed}.\r\n".encode()
        if verb == "UIDL":
            listed = "".join(f"{n} {name}\r\n" for n, name in enumerate(names, 1))
            return f"+OK\r\n{listed}.\r\n".encode()
        if verb in {"RETR", "TOP"}:
            raw = self.mails[names[int(rest_text.split()[0]) - 1]]
            if verb == "TOP":
                head, _, body = raw.partition(b"\r\n\r\n")
                most = int(rest_text.split()[1])
                raw = head + b"\r\n\r\n" + b"\r\n".join(body.split(b"\r\n")[:most]) + b"\r\n"
            return b"+OK\r\n" + re.sub(rb"(?m)^\.", b"..", raw) + b".\r\n"
        if verb == "DELE":
            session.setdefault("going", set()).add(names[int(rest_text) - 1])
            return b"+OK\r\n"
        if verb == "QUIT":
            self.deleted |= session.get("going", set())
            session["over"] = True
            return b"+OK\r\n"
        return b"-ERR what\r\n"
