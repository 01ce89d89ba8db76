"""The child process that reads a workbook: `workbook` runs this file as a script. It imports nothing of mailer.

Arguments: the file, the most lines, the most columns. One JSON document per line on standard output: first
`{"merged": "A2:A5"}` or `{"fault": "unreadable" | "too-large", …}`, then `[line, [cells as text]]`, headings first.
"""

import json
import resource
import sys
from datetime import date, datetime
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

SECONDS = 60
MEMORY_BYTES = 2 * 2**30
OUTPUT_BYTES = 2**30


def main(path: str, most_lines: int, most_columns: int) -> None:
    """Write the first sheet; the limits end the process where it asks for more."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    try:
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    except (CalamineError, IndexError, ValueError) as error:
        _say({"fault": "unreadable", "reason": str(error)[:200]})
        return
    if sheet.total_height > most_lines or sheet.total_width > most_columns:
        _say({"fault": "too-large", "lines": sheet.total_height, "columns": sheet.total_width})
        return
    _say({"merged": _merged(sheet)})
    _write(sheet)


def _write(sheet: CalamineSheet) -> None:
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if any(cell != "" for cell in cells):
            _say([number, [_text(cell) for cell in cells]])


def _merged(sheet: CalamineSheet) -> str:
    """The first range that spans several lines; only workbooks of Excel say so."""
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if bottom > top:
            return f"{_letters(left)}{top + 1}:{_letters(right)}{bottom + 1}"
    return ""


def _letters(column: int) -> str:
    """0 -> A, 26 -> AA."""
    before, last = divmod(column, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _say(answer: Any) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")


def _text(value: Any) -> str:
    """A cell as a person would have typed it: days without their midnight, whole numbers without `.0`."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
