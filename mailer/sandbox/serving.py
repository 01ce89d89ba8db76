"""Listening on the loopback, with a hold on each connection: a fault must be a real TCP reset."""

import asyncio
import errno
import socket
import struct
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from mailer.errors import SettingError

#: The name of the connection's transport among the scope's extensions.
TRANSPORT = "sandbox.transport"
_HOST = "127.0.0.1"
_QUEUE = 512


class HeldProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol that shows its transport to the application."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        application = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            scope["extensions"] = {TRANSPORT: transport}
            await application(scope, receive, send)

        self.app = with_transport


class Server(uvicorn.Server):
    """A uvicorn server that leaves signals to the process it lives in."""

    def __init__(self, application: Any) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                http=HeldProtocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=60,
                timeout_graceful_shutdown=1,
                backlog=_QUEUE,
            )
        )


def listen(port: int, *, setting: str) -> socket.socket:
    """A listening socket on the loopback; port 0 takes a free one. Raises SettingError that names the setting."""
    # The protocol is named because asyncio switches Nagle off only then: 40 ms per answer otherwise.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((_HOST, port))
        listening.listen(_QUEUE)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise SettingError(
                "Setting sandbox.{setting}: another program listens on port {port} already. "
                "Stop it, or choose another port.",
                setting=setting,
                port=port,
            ) from error
        raise SettingError(
            "Setting sandbox.{setting}: port {port} cannot be used ({reason}). Choose another port.",
            setting=setting,
            port=port,
            reason=error.strerror,
        ) from error
    return listening


def reset(transport: asyncio.Transport) -> None:
    """Send RST: what is unread at the other end is lost."""
    linger = struct.pack("ii", 1, 0)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()


def break_off(transport: asyncio.Transport, body: bytes) -> None:
    """Announce the whole body with status 200, send half of it, and close."""
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    transport.write(head.encode() + body[: len(body) // 2])
    transport.close()
