"""What tells whether files are still the ones that were read, without reading them."""

import time
from collections.abc import Iterable
from pathlib import Path
from stat import S_ISDIR

#: Relative path, instant of the last change of content or rights, size, inode.
Mark = tuple[str, int, int, int]
Marks = tuple[Mark, ...]
#: A file that changed so lately may change again without another instant: some disks count in steps of two seconds.
_UNSETTLED_NANOSECONDS = 2_000_000_000


def marks_of(root: Path, paths: Iterable[Path]) -> Marks:
    """One for each path below `root`, in order; a path that is gone has an empty one."""
    return tuple(_mark(path, str(path.relative_to(root))) for path in sorted(paths))


def below(root: Path, *folders: str) -> Marks:
    """Everything in these folders of `root`, folders included."""
    return marks_of(root, (path for folder in folders for path in (root / folder).rglob("*")))


def in_folder(marks: Marks, folder: str) -> Marks:
    """Those below one folder of the root."""
    return tuple(each for each in marks if each[0].startswith(f"{folder}/"))


def without(marks: Marks, path: str) -> Marks:
    """As if one file, and the folder that each of its writes marks, could not change; all of them where the file has
    no mark of its own, since a linked folder holds it."""
    if all(name != path for name, *_ in marks):
        return marks
    hidden = {path, path.rpartition("/")[0]}
    return tuple(each for each in marks if each[0] not in hidden)


def are_settled(marks: Marks) -> bool:
    """Whether any later change shows: nothing has changed just now."""
    now = time.time_ns()
    return all(now - changed > _UNSETTLED_NANOSECONDS for _, changed, _, _ in marks)


def _mark(path: Path, name: str) -> Mark:
    try:
        found = path.stat()
    except OSError:
        return name, 0, 0, 0
    # What a linked folder holds has no marks of its own: the link counts as changed each time.
    is_linked_folder = S_ISDIR(found.st_mode) and path.is_symlink()
    return name, time.time_ns() if is_linked_folder else found.st_ctime_ns, found.st_size, found.st_ino
