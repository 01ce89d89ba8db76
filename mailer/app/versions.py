"""Every version that an issue's file has had while it was written at the desk: below the state folder, as files.

    state/versions/<campaign>/<issue>/<sha256>.md    a text, once
    state/versions/<campaign>/<issue>/log.jsonl      one line per version: when, who, what was done

What people write is a file, and so is its history: it can be read, copied and searched without this program.
"""

import fcntl
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from mailer.errors import NotFoundError
from mailer.workspace.saving import digest, read_exactly, write_atomically

FOLDER = "versions"
#: Each save of these last ones is kept; of older sessions only the last save is.
STEPS = 100
#: Saves of one person that follow one another within this time are one session.
SESSION = timedelta(minutes=10)
#: A text that no version names any more, but that an open page may have been made from, stays for this long.
_PATIENCE = timedelta(days=7)
_DIGEST_LETTERS = 64


class Change(StrEnum):
    """What made a version."""

    FOUND = "found"  # the file as it was found: made by hand, or by another program
    CREATED = "created"
    SAVED = "saved"
    UNDONE = "undone"
    REDONE = "redone"
    RESTORED = "restored"
    MERGED = "merged"  # what two wrote at the same time, put together
    TYPED = "typed"  # what a page shows, where the file says more: its next save is made from it
    ASIDE = "aside"  # what somebody wrote while the file changed underneath: kept, but not in the file


@dataclass(frozen=True, slots=True)
class Version:
    """One state of the file. `page` is the opened page that it was written on, "" for none."""

    at: datetime
    by: str
    change: Change
    digest: str
    page: str = ""
    #: Of what was kept aside: the version that it was made from, "" where that one is not known.
    base: str = ""

    @property
    def is_applied(self) -> bool:
        """Whether the file has been this one."""
        return self.change not in {Change.ASIDE, Change.TYPED}


class Versions:
    """The versions of one issue."""

    def __init__(self, state: Path, ref: str) -> None:
        self.folder = state / FOLDER / ref
        self._log = self.folder / "log.jsonl"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One writer at a time, whichever process of the desk it is in."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def log(self) -> list[Version]:
        """The oldest first."""
        if not self._log.is_file():
            return []
        return [_read(line) for line in self._log.read_text("utf-8").splitlines()]

    def text(self, name: str) -> str:
        """The text of a version; raises NotFoundError for one that is not kept."""
        path = self.folder / f"{name}.md"
        if len(name) != _DIGEST_LETTERS or not name.isalnum() or not path.is_file():
            raise NotFoundError("This version is no longer kept. Open the letter again.")
        return read_exactly(path)

    def find_text(self, name: str) -> str | None:
        try:
            return self.text(name)
        except NotFoundError:
            return None

    def keep(self, text: str) -> str:
        """Keep a text; its digest. Safe to repeat."""
        name = digest(text)
        path = self.folder / f"{name}.md"
        if not path.is_file():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(path, text)
        return name

    def note(
        self, text: str, *, at: datetime, by: str, change: Change, page: str = "", base: str = ""
    ) -> Version:
        """One version more; older sessions are thinned to their last save."""
        version = Version(at=at, by=by, change=change, digest=self.keep(text), page=page, base=base)
        kept = thinned([*self.log(), version])
        write_atomically(self._log, "".join(_written(each) for each in kept))
        self._forget({each.digest for each in kept}, at)
        return version

    def note_found(self, text: str, *, at: datetime) -> None:
        """The file as it stands is a version, too, whoever wrote it."""
        applied = [each for each in self.log() if each.is_applied]
        if not applied or applied[-1].digest != digest(text):
            self.note(text, at=at, by="", change=Change.FOUND)

    def _forget(self, named: set[str], at: datetime) -> None:
        for path in self.folder.glob("*.md"):
            if path.stem not in named and path.stat().st_mtime < (at - _PATIENCE).timestamp():
                path.unlink(missing_ok=True)


def thinned(log: Sequence[Version]) -> list[Version]:
    """The log without the intermediate saves of sessions that are over and far back."""
    old, recent = log[:-STEPS], log[-STEPS:]
    kept = [each for each, after in pairwise([*old, *recent[:1]]) if not _continues(each, after)]
    return [*kept, *recent]


def sessions(log: Sequence[Version]) -> list[Version]:
    """What people see of the log: the last version of each session, the newest first."""
    log = [each for each in log if each.change is not Change.TYPED]
    kept = [each for each, after in pairwise(log) if not _continues(each, after)]
    return [*kept, *log[-1:]][::-1]


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the file, by the digests of what it was before and after. Taking it back leads to `before`."""

    before: str
    after: str


def steps(log: Sequence[Version], by: str) -> tuple[list[Step], list[Step]]:
    """What this writer can undo, and what they can redo, the next one last; what others did is not theirs to undo."""
    past: list[Step] = []
    future: list[Step] = []
    for before, each in pairwise(each for each in log if each.is_applied):
        step = Step(before.digest, each.digest)
        if each.by != by:
            continue
        if each.change is Change.UNDONE and past:
            past.pop()
            future.append(step)
        elif each.change is Change.REDONE and future:
            future.pop()
            past.append(step)
        else:
            future.clear()
            past += [step] if step.before != step.after else []
    return past, future


def _continues(each: Version, after: Version) -> bool:
    """Whether `after` goes on with the session of `each`."""
    typing = {Change.SAVED, Change.MERGED, Change.TYPED, Change.UNDONE, Change.REDONE}
    return (
        each.change in typing
        and after.change in typing
        and each.by == after.by
        and after.at - each.at < SESSION
    )


def _read(line: str) -> Version:
    found = json.loads(line)
    return Version(
        at=datetime.fromisoformat(found["at"]),
        by=found["by"],
        change=Change(found["change"]),
        digest=found["digest"],
        page=found["page"],
        base=found.get("base", ""),
    )


def _written(version: Version) -> str:
    found = {
        "at": version.at.isoformat(),
        "by": version.by,
        "change": version.change,
        "digest": version.digest,
        "page": version.page,
        **({"base": version.base} if version.base else {}),
    }
    return json.dumps(found, ensure_ascii=False) + "\n"
