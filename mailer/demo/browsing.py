"""Requests of the simulated readers: HTTP/1.1 with one lasting connection per thread, and nothing else of a browser.

No cookie, no redirect followed, no proxy of the environment: what is asked is one address of this machine.
"""

import threading
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

_SECONDS = 30.0


class Browsing:
    """Asks one server; safe to share between threads."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._host, self._port, self._prefix = parts.hostname or "", parts.port, parts.path.rstrip("/")
        self._local = threading.local()
        self._lock = threading.Lock()
        self._connections: list[HTTPConnection] = []

    def ask(self, method: str, path: str, *, headers: Mapping[str, str], body: str | None = None) -> int:
        """The status of the answer, which is read to its end; raises OSError or HTTPException for none.

        A server may end a connection that rested: then the request is made once more, on a new one.
        """
        connection = self._connection()
        has_rested = connection.sock is not None
        try:
            return _status(connection, method, self._prefix + path, headers, body)
        except (ConnectionError, HTTPException):
            connection.close()
            if not has_rested:
                raise
        return _status(connection, method, self._prefix + path, headers, body)

    def close(self) -> None:
        """End every connection; the pool of threads must have ended before."""
        for connection in self._connections:
            connection.close()

    def _connection(self) -> HTTPConnection:
        found: HTTPConnection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = self._kind(self._host, self._port, timeout=_SECONDS)
            with self._lock:
                self._connections.append(found)
        return found


def _status(
    connection: HTTPConnection, method: str, path: str, headers: Mapping[str, str], body: str | None
) -> int:
    try:
        connection.request(method, path, body=body, headers=dict(headers))
        answer = connection.getresponse()
        answer.read()
    except BaseException:
        connection.close()
        raise
    return answer.status
