"""Serving the application with uvicorn, with or without the heartbeat in the same process."""

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import uvicorn

from mailer.app import Mailer, start_heartbeat
from mailer.errors import SettingError
from mailer.web.application import create_app

#: How long answers under way may still take once we are told to stop.
_GRACE_SECONDS = 5


def serve(mailer: Mailer, listening: socket.socket, *, heartbeat: bool) -> None:
    """Serve until SIGINT or SIGTERM; messages in flight conclude first."""
    # uvicorn gives the signal on when it has stopped: by default SIGTERM would end us before the send concludes.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    config = _config(mailer)
    with suppress(KeyboardInterrupt), ExitStack() as stack:
        stack.callback(listening.close)
        if heartbeat:
            scheduler = start_heartbeat(mailer)
            stack.callback(scheduler.shutdown, wait=True)
            stack.callback(mailer.stop)
        uvicorn.Server(config).run(sockets=[listening])


@contextmanager
def beside(mailer: Mailer, listening: socket.socket) -> Iterator[None]:
    """Serve from a thread of this process until the end of the block; without a heartbeat. Signals are the caller's."""
    server = uvicorn.Server(_config(mailer))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="desk", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def _config(mailer: Mailer) -> uvicorn.Config:
    # No access log: addresses of personal pages are nobody's business (rules P9).
    return uvicorn.Config(
        create_app(mailer),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def listen(host: str, port: int) -> socket.socket:
    """The socket of the desk. Raises SettingError for a port in use, before anything is said or begun."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio switches Nagle off: answers leave at once.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        listening.close()
        raise SettingError(
            "The desk cannot listen on {host}, port {port} (of base_url, or --port): {reason}. "
            "Stop the program that uses it or choose another port.",
            host=host,
            port=port,
            reason=getattr(error, "strerror", None) or error,
        ) from error
    listening.listen(128)
    return listening
