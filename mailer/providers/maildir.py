"""A folder as provider: each mail a file, named by its delivery's key. For rehearsals and tests, and class A:
handing the same mail over twice leaves one file.

Maildir as in https://cr.yp.to/proto/maildir.html: written under tmp/, then linked into new/, where a reader may
take it to cur/ and add flags.
"""

import os
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from mailer.errors import Problem, ProviderHalt
from mailer.model.mail import (
    Capabilities,
    Message,
    Pending,
    ProviderEvent,
    Rate,
    RawRequest,
    Resolution,
    Resolved,
    SendResult,
    Status,
)
from mailer.providers.base import BadSignature, only

_FOLDERS = ("tmp", "new", "cur")
#: A file name does not expire.
_FOR_EVER = timedelta(days=36500)


class Maildir:
    """Writes to the folder `path`, made at the first mail."""

    name = "maildir"

    def __init__(self, path: Path, *, rate: Rate | None = None) -> None:
        self._path = path
        self.caps = Capabilities(
            idempotency_ttl=_FOR_EVER,
            can_resolve=True,
            resolve_settle=timedelta(0),
            rate=rate,
        )

    def send(self, batch: Sequence[Message], *, attempt_key: UUID) -> list[SendResult]:
        """Every accepted mail is on the disk when this returns."""
        del attempt_key  # the file name is the key
        try:
            self._make_folders()
        except OSError as error:
            raise self._halt(error) from error
        return [self._write(message) for message in only(batch, self.caps)]

    def resolve(self, asked: Sequence[Pending]) -> list[Resolution]:
        return [self._look_up(each.key) for each in asked]

    def parse_webhook(self, request: RawRequest) -> list[ProviderEvent]:
        raise BadSignature("The folder of mails has no webhooks: this request did not come from it.")

    def poll(self, since: datetime) -> Iterable[ProviderEvent]:
        return ()

    def check(self) -> list[Problem]:
        """Whether the folder can be written, by writing a file under tmp/ and taking it away again."""
        probe = self._path / "tmp" / f"check.{uuid4().hex}"
        try:
            self._make_folders()
            probe.touch(exist_ok=False)
            probe.unlink()
        except OSError as error:
            return [
                Problem(
                    code="maildir-not-writable",
                    message="Mails cannot be written to the folder {path}: {reason}.",
                    remedy="Choose another folder in the setting provider.path, or allow writing to it.",
                    values={"path": self._path, "reason": error.strerror},
                )
            ]
        return []

    def _make_folders(self) -> None:
        for name in _FOLDERS:
            (self._path / name).mkdir(parents=True, exist_ok=True)

    def _write(self, message: Message) -> SendResult:
        if (found := self._find(message.key)) is not None:
            return _repeated(found, message)
        draft = self._path / "tmp" / f"{message.key}.{uuid4().hex}"
        try:
            _write_durably(draft, message.mime)
            os.link(draft, self._path / "new" / message.key)
        except FileExistsError:  # another process was faster with the same mail
            return _repeated(self._path / "new" / message.key, message)
        except OSError as error:
            raise self._halt(error) from error
        finally:
            draft.unlink(missing_ok=True)
        _sync_folder(self._path / "new")
        return _accepted(message)

    def _find(self, key: str) -> Path | None:
        if not (key.isascii() and key.isalnum()):
            raise ValueError(f"not a delivery key: {key!r}")  # it becomes a file name (security S17)
        fresh = self._path / "new" / key
        if fresh.exists():
            return fresh
        return next((self._path / "cur").glob(f"{key}*"), None)

    def _look_up(self, key: str) -> Resolution:
        if self._find(key) is None:
            return Resolution(key=key, found=Resolved.ABSENT)
        return Resolution(key=key, found=Resolved.PRESENT, provider_ref=key)

    def _halt(self, error: OSError) -> ProviderHalt:
        return ProviderHalt(
            "storage",
            "The mail could not be written to the folder {path}: {reason}. Make room or allow writing, then resume.",
            path=self._path,
            reason=error.strerror or type(error).__name__,
        )


def _repeated(found: Path, message: Message) -> SendResult:
    if found.read_bytes() == message.mime:
        return _accepted(message)
    raise ProviderHalt(
        "different-bytes",
        "The mail {key} was already handed over with other content. Nothing was written; look at both.",
        key=message.key,
    )


def _accepted(message: Message) -> SendResult:
    return SendResult(key=message.key, status=Status.ACCEPTED, provider_ref=message.key)


def _write_durably(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
