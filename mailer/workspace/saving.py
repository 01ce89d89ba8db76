"""An issue put into its file: whole or not at all."""

import hashlib
import os
import tempfile
from pathlib import Path

from mailer.errors import ConflictError, NotFoundError
from mailer.model.workspace import Issue
from mailer.workspace import places
from mailer.workspace.writer import write_issue

_NEW_FILE_MODE = 0o644


def save_issue(root: Path, issue: Issue) -> Path:
    """Write the issue over its file, keeping comments and unknown keys; the file's path.

    A reader sees the old file or the new one, also after a power cut. Raises WorkspaceError where the file as
    it stands has mistakes, NotFoundError where the campaign has no folder; nothing is written then.
    """
    path = places.issue_path(root, issue.campaign, issue.slug)
    if not path.parent.is_dir():
        raise NotFoundError(
            "There is no folder {folder} for the issue {ref}. Create the campaign first.",
            folder=path.parent.relative_to(root),
            ref=issue.ref,
        )
    original = path.read_bytes().decode("utf-8") if path.exists() else None
    write_atomically(path, write_issue(issue, original=original))
    return path


def digest(text: str) -> str:
    """What tells two texts of a file apart: the SHA-256 of its bytes."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_exactly(path: Path) -> str:
    """The text of a file, its line breaks as they are."""
    return path.read_bytes().decode("utf-8")


def replace_text(path: Path, text: str, *, expected: str) -> None:
    """Write over a file that still has the `expected` text; raises ConflictError where it has another one.

    The file is compared again right before the rename: who edits it by hand in between has microseconds to lose to.
    """
    write_atomically(path, text, expected=expected)


def create_file(path: Path, content: str | bytes) -> None:
    """Write a file that must not be there yet, whole or not at all; raises FileExistsError."""
    beside = _written_beside(path, content, mode=_NEW_FILE_MODE)
    try:
        path.hardlink_to(beside)
    finally:
        beside.unlink()
    _sync_folder(path.parent)


def write_atomically(path: Path, content: str | bytes, *, expected: str | None = None) -> None:
    """Write beside, fsync, rename; the mode of an existing file stays."""
    mode = path.stat().st_mode & 0o777 if path.exists() else _NEW_FILE_MODE
    beside = _written_beside(path, content, mode=mode)
    try:
        if expected is not None and read_exactly(path) != expected:
            raise changed_underneath(path)
        beside.replace(path.resolve())
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def changed_underneath(path: Path) -> ConflictError:
    """The file is not the one that the change was made for."""
    return ConflictError(
        "Somebody changed {file} meanwhile: nothing was overwritten. Look at it before you save.",
        file=f"{path.parent.name}/{path.name}",
    )


def _written_beside(path: Path, content: str | bytes, *, mode: int) -> Path:
    """A new file in the same folder, on the disk, with its final mode."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _sync_folder(folder: Path) -> None:
    """The rename itself reaches the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
