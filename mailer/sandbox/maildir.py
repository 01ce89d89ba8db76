"""A real Maildir: a message is written under tmp/, and renamed into new/ once the store knows it."""

import os
from contextlib import suppress
from pathlib import Path


class Maildir:
    """One file per accepted recipient, with the two headers that Postal puts on top; the bytes below are untouched."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for part in ("tmp", "new", "cur"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        self._waiting, self._arrived = f"{folder / 'tmp'}/", f"{folder / 'new'}/"

    def write(self, name: str, raw: bytes, *, mail_from: str, token: str) -> None:
        """Write under tmp/: not yet mail."""
        top = f"Return-Path: <{mail_from}>\r\nX-Postal-MsgID: {token}\r\n"
        with open(self._waiting + name, "wb", buffering=0) as file:  # once per mail: no Path is made
            file.write(top.encode("utf-8", "replace") + raw)

    def publish(self, name: str) -> None:
        """Move into new/. May be repeated: a file that has moved already stays."""
        with suppress(FileNotFoundError):
            os.rename(self._waiting + name, self._arrived + name)  # as above

    def read(self, name: str) -> bytes | None:
        """The file's bytes, or None when it was not kept or was taken away."""
        for part in ("new", "cur"):
            for path in ((self._folder / part / name), *(self._folder / part).glob(name + ":2,*")):
                if path.exists():
                    return path.read_bytes()
        return None

    def sweep(self) -> None:
        """Remove what was never accepted: the process was killed before the store knew it."""
        for path in (self._folder / "tmp").iterdir():
            path.unlink()
