"""Hands messages on to another SMTP server of this machine, when the setting asks for it."""

import smtplib
import sqlite3
from collections.abc import Callable
from urllib.parse import urlsplit

from mailer.errors import SettingError
from mailer.sandbox.post import Post
from mailer.sandbox.verdicts import Verdict, hard_fail, sent, soft_fail
from mailer.settings import SandboxSettings

_TIMEOUT_SECONDS = 10
_LOOPBACK = {"127.0.0.1", "localhost"}


def address(settings: SandboxSettings) -> tuple[str, int] | None:
    """Host and port of the relay, None without one. Raises SettingError unless it is smtp:// on the loopback and
    mail is stored, for there would be nothing to relay."""
    if not settings.relay:
        return None
    parts = urlsplit(settings.relay)
    if parts.scheme != "smtp" or parts.hostname not in _LOOPBACK or not parts.port:
        raise SettingError(
            "Setting sandbox.relay: {url} is not an SMTP server on this machine. Write smtp://127.0.0.1:2525.",
            url=settings.relay,
        )
    if settings.store != "all":
        raise SettingError(
            "Setting sandbox.relay: only stored mail can be relayed. Set sandbox.store to all."
        )
    return parts.hostname, parts.port


def relay_to(host: str, port: int, post: Post) -> Callable[[sqlite3.Row], Verdict]:
    """What delivers one stored message there."""
    return lambda row: _hand_over(row, post.raw(row["token"], row["timestamp"]), host, port)


def _hand_over(row: sqlite3.Row, raw: bytes | None, host: str, port: int) -> Verdict:
    if raw is None:
        return hard_fail("The message is not stored any more")
    recipient = row["rcpt_to"]
    try:
        with smtplib.SMTP(host, port, timeout=_TIMEOUT_SECONDS) as server:
            server.sendmail(row["mail_from"], [recipient], raw)
    except (smtplib.SMTPException, OSError) as error:
        details = f"Temporary SMTP delivery error when sending to {recipient}"
        return soft_fail(details, f"{type(error).__name__}\n", attempts=row["attempts"])
    return sent(recipient, f"{host}:{port}")
