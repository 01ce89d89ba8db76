"""Names and paths of the workspace: nothing outside of its folder is ever read or written (security S17)."""

import os
import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from mailer.errors import InputError, Problem

SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")


def is_slug(name: str) -> bool:
    return SLUG.fullmatch(name) is not None


def is_below(path: Path, folder: Path) -> bool:
    """Whether the path, with every symbolic link followed, is inside the folder."""
    try:
        inner = os.path.realpath(path)
    except ValueError:  # the byte zero, which no name has
        return False
    # No link stands in what leads to a followed path: a folder that it lies in as written needs no following.
    return _lies_in(inner, str(folder)) or _lies_in(inner, os.path.realpath(folder))


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def is_file(path: Path) -> bool:
    """Whether there is a file; a name that no file system takes, as people write any into files, is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def issue_path(root: Path, campaign: str, slug: str) -> Path:
    """Where an issue's file is; raises InputError for a name that could lead elsewhere."""
    for name in (campaign, slug):
        if not is_slug(name):
            raise InputError(
                "“{name}” cannot be the name of a file here. Use small letters, digits and hyphens.",
                name=name,
            )
    path = root / "campaigns" / campaign / f"{slug}.md"
    if not is_below(path, root):
        raise InputError("{path} leads outside of the workspace. Replace the link by a file.", path=path)
    return path


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that looks most like `name`, else all of them, for a remedy."""
    names = sorted(known)
    close = get_close_matches(name.lower(), names, n=1, cutoff=0.6)
    return close[0] if close else ", ".join(names) or "–"


def bad_slug(path: Path) -> Problem:
    return Problem(
        code="bad-slug",
        message="“{name}” cannot be a name here.",
        remedy="Rename it with small letters, digits and hyphens, for instance 2026-06.",
        values={"name": path.stem},
        path=path,
    )


def outside(path: Path) -> Problem:
    return Problem(
        code="outside-workspace",
        message="The link leads outside of the workspace, so it is not read.",
        remedy="Replace it by the file itself.",
        path=path,
    )


def unreadable(path: Path, reason: str) -> Problem:
    return Problem(
        code="unreadable",
        message="The file cannot be read: {reason}.",
        remedy="Check that it exists and that this program may read it.",
        values={"reason": reason},
        path=path,
    )


def bad_encoding(path: Path, line: int) -> Problem:
    return Problem(
        code="bad-encoding",
        message="The file is not written in UTF-8.",
        remedy="Open it in an editor and save it as UTF-8.",
        path=path,
        line=line,
    )
