"""A segment put into its file, whole or not at all, and never over what somebody else wrote meanwhile."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailer.errors import InputError
from mailer.model.segment import Segment
from mailer.workspace import places
from mailer.workspace.audience_writer import write_segment
from mailer.workspace.saving import changed_underneath, digest, write_atomically


def segment_path(root: Path, slug: str) -> Path:
    """Where a segment's file is; raises InputError for a name that could lead elsewhere (security S17)."""
    path = root / "audiences" / f"{slug}.toml"
    if not places.is_slug(slug):
        raise InputError(
            "“{name}” cannot be the name of a file here. Use small letters, digits and hyphens.", name=slug
        )
    if not places.is_below(path, root):
        raise InputError("{path} leads outside of the workspace. Replace the link by a file.", path=path.name)
    return path


def segment_text(root: Path, slug: str) -> str | None:
    """The text of a segment's file as it is now; None where there is none."""
    path = segment_path(root, slug)
    try:
        return path.read_bytes().decode("utf-8") if path.is_file() else None
    except UnicodeDecodeError as error:
        raise InputError("The file is not written in UTF-8.") from error


def fingerprint(text: str | None) -> str:
    """What tells one state of a file from another; empty for no file."""
    return "" if text is None else digest(text)


def save_segment(root: Path, segment: Segment, *, expected: str) -> Path:
    """Write the segment over its file, whose fingerprint must be the expected one (empty: a new file).

    Raises ConflictError, and nothing is written, where somebody changed it since; WorkspaceError where it has mistakes.
    """
    path = segment_path(root, segment.slug)
    path.parent.mkdir(exist_ok=True)
    with _alone(path.parent):
        original = segment_text(root, segment.slug)
        if fingerprint(original) != expected:
            raise changed_underneath(path)
        write_atomically(path, write_segment(segment, original=original))
    return path


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No other process of ours saves into this folder; the system ends the lock with its process."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
