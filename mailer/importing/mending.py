"""The rejected lines as a file of their own: mended in a spreadsheet, it is imported again as if nothing had happened.

A cell that a spreadsheet would read as a formula is guarded by an apostrophe; reading the file back takes away the
apostrophes and the two columns that were added, so that the same cells arrive (security S6).
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from mailer.cells import guarded, unguarded
from mailer.i18n import LANGUAGES, Translator, marked
from mailer.importing.report import Rejected
from mailer.importing.table import Record, Table
from mailer.model.people import NUMBER_HERE

LINE = marked("Line in the first file")
WHY = marked("Why it was rejected")
_ADDED = 2
_SEPARATOR = ";"


def lines_to_mend(table: Table, rejected: Sequence[Rejected], t: Translator) -> Iterator[str]:
    """The pieces of a CSV file: each rejected line as it was written, behind its number and its reason.

    Whoever asked to be erased stands in no further file.
    """
    reasons = {each.line: t(each.sentence) for each in rejected if each.may_be_kept}
    # Excel reads a CSV as UTF-8 only behind this mark.
    yield "\ufeff" + _written((t(LINE), t(WHY), *table.headings))
    for record in table.records():
        if record.line in reasons:
            yield _written((str(record.line), reasons[record.line], *_cells(record, table)))


def as_it_was(table: Table) -> Table:
    """The table without what `lines_to_mend` added, or an export guarded; any other table as it is."""
    if table.separator and table.headings[:1] in [(t(NUMBER_HERE),) for t in map(Translator, LANGUAGES)]:
        headings = tuple(unguarded(heading) for heading in table.headings)
        return replace(table, headings=headings, read=partial(_unguarded, table))
    if not _is_ours(table.headings):
        return table
    headings = tuple(unguarded(heading) for heading in table.headings[_ADDED:])
    return replace(table, headings=headings, read=partial(_without_added, table))


def _is_ours(headings: tuple[str, ...]) -> bool:
    return any(
        headings[:_ADDED] == (t(LINE), t(WHY)) for t in (Translator(language) for language in LANGUAGES)
    )


def _cells(record: Record, table: Table) -> Sequence[str]:
    """The line's cells; where its quotation marks hold nothing together, what stands between the separators."""
    return record.cells[0].split(table.separator or _SEPARATOR) if record.fault else record.cells


def _written(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=_SEPARATOR).writerow([guarded(cell) for cell in cells])
    return line.getvalue()


def _unguarded(table: Table) -> Iterator[Record]:
    for record in table.read():
        yield record if record.fault else record._replace(cells=tuple(map(unguarded, record.cells)))


def _without_added(table: Table) -> Iterator[Record]:
    for record in table.read():
        if record.fault:
            yield record
        else:
            yield record._replace(cells=tuple(unguarded(cell) for cell in record.cells[_ADDED:]))
