"""Applications on ports of their own, by real uvicorn servers that share one loop: none waits for the tick of its end."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn


class Stand:
    """A thread with a loop. `serving` may be called again and again; what is served ends with its block."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="stand", daemon=True)
        self._thread.start()

    @contextmanager
    def serving(self, listening: socket.socket, app: Callable[..., Any]) -> Iterator[None]:
        """With the lifespan of the application around it."""
        server = self._do(_started(listening, app))
        try:
            yield
        finally:
            self._do(_stopped(server))
            listening.close()

    def end(self) -> None:
        self._do(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, act: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(act, self._loop).result()


def listen() -> tuple[socket.socket, str]:
    """A free port of this machine, and the address of what will be served there."""
    listening = socket.create_server(("127.0.0.1", 0))
    return listening, f"http://127.0.0.1:{listening.getsockname()[1]}"


async def _started(listening: socket.socket, app: Callable[..., Any]) -> uvicorn.Server:
    config = uvicorn.Config(app, log_level="warning")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listening])
    assert server.started
    await server.on_tick(0)
    return server


async def _stopped(server: uvicorn.Server) -> None:
    """Answers under way are given, as uvicorn does it; it also sleeps a tenth of a second twice."""
    state = server.server_state
    for each in server.servers:
        each.close()
    while state.connections or state.tasks:
        for connection in list(state.connections):
            connection.shutdown()
        await asyncio.sleep(0.001)
    await server.lifespan.shutdown()
