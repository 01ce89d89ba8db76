"""Spreadsheets -> organisations, exclusions, contacts; every rejected line reported with its reason."""

from mailer.importing.contacts import TOPICS, import_contacts
from mailer.importing.delimited import ENCODINGS, SEPARATORS, EncodingError
from mailer.importing.exclusions import import_exclusions
from mailer.importing.mending import lines_to_mend
from mailer.importing.organisations import import_organisations
from mailer.importing.reading import GUESSED, Reading, line_count, read_table
from mailer.importing.report import ImportReport, Rejected
from mailer.importing.table import MAX_BYTES, Table
from mailer.importing.undoing import UNDOABLE_FOR, find_undoable, forget_notes, undo_import

#: What can be imported -> its act; organisations first, exclusions before contacts.
IMPORTS = {
    "organisations": import_organisations,
    "exclusions": import_exclusions,
    "contacts": import_contacts,
}

__all__ = [
    "ENCODINGS",
    "GUESSED",
    "IMPORTS",
    "MAX_BYTES",
    "SEPARATORS",
    "TOPICS",
    "UNDOABLE_FOR",
    "EncodingError",
    "ImportReport",
    "Reading",
    "Rejected",
    "Table",
    "find_undoable",
    "forget_notes",
    "import_contacts",
    "import_exclusions",
    "import_organisations",
    "line_count",
    "lines_to_mend",
    "read_table",
    "undo_import",
]
