"""XLSX and ODS: read by a process of its own, with a limit to its time and memory (security S7).

The reader builds the whole sheet in memory: a file of two cells, far apart, asks for hundreds of gigabytes.
"""

import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from mailer.errors import SpreadsheetError
from mailer.importing.table import MAX_COLUMNS, MAX_LINES, Record, Table

MAX_UNPACKED_BYTES = 800_000_000
#: Honest sheets are packed five to twenty times.
MAX_RATIO = 200
#: Small files may have any ratio: an empty sheet's are high.
_SMALL_BYTES = 50_000_000
_PATIENCE_SECONDS = 300
_SCRIPT = Path(__file__).with_name("workbook_process.py")


def read_workbook(path: Path) -> Table:
    """The first sheet; raises SpreadsheetError for a damaged file, and for one that asks for too much."""
    _refuse_bomb(path)
    lines = _child_lines(path)
    answer = json.loads(lines[0]) if lines else {"fault": "ended"}
    fault = answer.get("fault")
    if fault == "unreadable":
        raise SpreadsheetError(
            "{file} cannot be read as a workbook ({reason}).", file=path.name, reason=answer["reason"]
        )
    if fault == "too-large":
        raise SpreadsheetError(
            "{file} has {height} lines and {width} columns: too much, at most {lines} lines and {columns} columns. "
            "Keep the needed cells only; a cell far away counts too.",
            file=path.name,
            height=answer["lines"],
            width=answer["columns"],
            lines=MAX_LINES,
            columns=MAX_COLUMNS,
        )
    if fault:
        raise SpreadsheetError(
            "{file} is damaged, or asks for too much time or memory: at most {lines} lines and {columns} columns. "
            "Keep the needed cells only, or save it as CSV.",
            file=path.name,
            lines=MAX_LINES,
            columns=MAX_COLUMNS,
        )
    if len(lines) == 1:
        raise SpreadsheetError("{file} is empty.", file=path.name)
    headings = tuple(str(cell).strip() for cell in json.loads(lines[1])[1])
    return Table(
        name=path.name, headings=headings, read=partial(_records, lines[2:]), merged=answer["merged"]
    )


def _records(lines: list[bytes]) -> Iterator[Record]:
    for line in lines:
        number, cells = json.loads(line)
        yield Record(number, tuple(cells))


def _refuse_bomb(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = [(item.file_size, max(1, item.compress_size)) for item in archive.infolist()]
    except zipfile.BadZipFile as error:
        raise SpreadsheetError(
            "{file} is not a workbook: it is damaged, or of another kind.", file=path.name
        ) from error
    unpacked = sum(size for size, _ in sizes)
    packed = max(1, sum(size for _, size in sizes))
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > _SMALL_BYTES and unpacked / packed > MAX_RATIO):
        raise SpreadsheetError(
            "{file} unpacks to {size} MB: refused. Save it as CSV.", file=path.name, size=unpacked // 10**6
        )


def _child_lines(path: Path) -> list[bytes]:
    """What the process wrote; without a first line that says how it went, it was ended by its limits."""
    with tempfile.TemporaryFile() as output:
        try:
            # -I: neither the present folder nor this one can stand in for a library. No environment: it holds keys.
            ended = subprocess.run(  # noqa: S603  # our own file, by our own Python
                [sys.executable, "-I", str(_SCRIPT), str(path.absolute()), str(MAX_LINES), str(MAX_COLUMNS)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                timeout=_PATIENCE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return []
        output.seek(0)
        # Whatever it wrote before a limit ended it is only a part: a part is not imported.
        return output.read().splitlines() if ended.returncode == 0 else []
