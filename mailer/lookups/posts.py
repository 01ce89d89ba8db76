"""One message to another program's address, under the guard of links: no private address, no redirection, a deadline."""

import ssl
import time
from collections.abc import Mapping
from http.client import HTTPException
from urllib.parse import quote

from mailer.lookups.guard import asked, is_literal, is_public, is_reserved
from mailer.lookups.net import Net, NoSuchName, Silence
from mailer.lookups.visits import SAFE, connected, cut_off


def post(url: str, body: bytes, headers: Mapping[str, str], net: Net, *, seconds: float) -> str:
    """The status as text, or a stable code: unfit, reserved, private, no-name, silent, certificate. No body is read."""
    until = time.monotonic() + seconds
    parts = asked(url)
    if parts is None or is_literal(parts.hostname or ""):
        return "unfit"
    host = parts.hostname or ""
    if is_reserved(host):
        return "reserved"
    try:
        host.encode("idna")
        found = net.resolve(host)
    except NoSuchName:
        return "no-name"
    except (Silence, UnicodeError):
        return "silent"
    if not found or not all(map(is_public, found)):
        return "private" if found else "silent"
    try:
        line = connected(parts, found[0], net, max(0.1, until - time.monotonic()))
        with cut_off(line, until):
            try:
                path = quote(parts.path or "/", SAFE) + (
                    f"?{quote(parts.query, SAFE)}" if parts.query else ""
                )
                line.request("POST", path, body=body, headers={**headers, "Connection": "close"})
                return str(line.getresponse().status)
            finally:
                line.close()
    except ssl.SSLCertVerificationError:
        return "certificate"
    except (OSError, HTTPException, ValueError):
        return "silent"
