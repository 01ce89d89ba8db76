"""An issue put into its file: whole or not at all."""

import os
import tempfile
from pathlib import Path

from mailer.errors import NotFoundError
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


def write_atomically(path: Path, text: str) -> None:
    """Write beside, fsync, rename; the mode of an existing file stays."""
    mode = path.stat().st_mode & 0o777 if path.exists() else _NEW_FILE_MODE
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path.resolve())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """The rename itself reaches the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
