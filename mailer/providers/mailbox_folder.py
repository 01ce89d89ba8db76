"""Bounces in a Maildir of this machine (https://cr.yp.to/proto/maildir.html), as procmail, Dovecot or Postfix fill it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from mailer.providers.bounces import Box, MailboxError


class Folder:
    """The Maildir at `path`. A mail that is put away is moved to cur/, as seen; nothing is deleted."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def open(self) -> Iterator[Box]:
        try:
            if not (self._path / "new").is_dir():
                raise FileNotFoundError(2, "no Maildir")
            (self._path / "cur").mkdir(exist_ok=True)
            yield self
        except OSError as error:
            raise MailboxError(
                "The bounce mailbox {path} cannot be read: {reason}. Check provider.bounces.path and who may read it.",
                path=self._path,
                reason=error.strerror or type(error).__name__,
            ) from error

    def waiting(self, since: datetime) -> Sequence[str]:
        with_time = [
            (entry.stat().st_mtime, entry.name)
            for entry in (self._path / "new").iterdir()
            if entry.is_file() and not entry.is_symlink()
        ]
        return [name for at, name in sorted(with_time) if at >= since.timestamp()]

    def read(self, name: str, most: int) -> bytes:
        with (self._path / "new" / name).open("rb") as file:
            return file.read(most)

    def put_away(self, name: str) -> None:
        plain = name.partition(":")[0]
        (self._path / "new" / name).replace(self._path / "cur" / f"{plain}:2,S")
