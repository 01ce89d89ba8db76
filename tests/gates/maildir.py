"""The verdict on a whole Maildir: each mail, and what only all of them together can show."""

from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from tests.gates.likeness import Judge
from tests.gates.mail import Mail

_CHUNK = 500


@dataclass(frozen=True)
class Finding:
    """What must be compared between mails, and the faults of one."""

    name: str
    message_id: str
    unsubscribe_url: str
    copy: tuple[str, str, str]
    faults: tuple[str, ...]


def check_maildir(path: Path, expected_count: int, *, processes: int = 2) -> list[str]:
    """The faults of all mails under `new/` and `cur/`, each said once with the number of mails that have it.

    A person may get several letters, but each of them once: one per list, subject and address.
    """
    files = sorted(file for folder in ("new", "cur") for file in (path / folder).glob("*") if file.is_file())
    found = list(_findings(files, processes))
    return [*_count(found, expected_count), *_unique(found), *_grouped(found)]


def _findings(files: list[Path], processes: int) -> Iterator[Finding]:
    chunks = [files[start : start + _CHUNK] for start in range(0, len(files), _CHUNK)]
    if processes < 2 or len(chunks) < 2:
        yield from chain.from_iterable(map(_examine, chunks))
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from chain.from_iterable(pool.map(_examine, chunks))


def _examine(files: list[Path]) -> list[Finding]:
    judge = Judge()
    return [_finding(judge, file.name, Mail(file.read_bytes())) for file in files]


def _finding(judge: Judge, name: str, mail: Mail) -> Finding:
    return Finding(
        name=name,
        message_id=mail.one("message-id"),
        unsubscribe_url=mail.unsubscribe_url,
        copy=(mail.one("list-id"), mail.subject, mail.recipient),
        faults=tuple(judge.faults(mail)),
    )


def _count(found: list[Finding], expected: int) -> Iterator[str]:
    if len(found) != expected:
        yield f"maildir: {len(found)} mails instead of {expected}"


def _unique(found: list[Finding]) -> Iterator[str]:
    yield from _repeated("M3", "Message-ID", (each.message_id for each in found))
    yield from _repeated("M11", "unsubscribe address", (each.unsubscribe_url for each in found))
    yield from _repeated("maildir", "letter to one address", (each.copy for each in found))


def _repeated(rule: str, what: str, values: Iterable[object]) -> Iterator[str]:
    twice = sum(count - 1 for count in Counter(values).values())
    if twice:
        yield f"{rule}: the same {what} {twice} times too often"


def _grouped(found: list[Finding]) -> Iterator[str]:
    first: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for each in found:
        counts.update(each.faults)
        for fault in each.faults:
            first.setdefault(fault, each.name)
    yield from (f"{fault} ({count} mails, first {first[fault]})" for fault, count in counts.most_common())
