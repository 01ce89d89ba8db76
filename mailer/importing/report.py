"""What an import did, or would do: counts, and every rejected line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from mailer.i18n import marked
from mailer.importing.table import Table
from mailer.store.upserts import Counts

#: The reason of a line about somebody who asked to be erased.
ERASED = "erased"
_SENTENCES = {
    "address-empty": marked("There is no address."),
    "address-control-character": marked("The address holds a hidden control character."),
    "address-several": marked("There is more than one address in this cell."),
    "address-not-ascii": marked("The address has letters that mail servers refuse."),
    "address-malformed": marked("This is not an e-mail address."),
    ERASED: marked("This person asked to be erased."),
    "siren": marked("This is not a SIREN: nine digits with a check digit."),
    "unknown-organisation": marked("No organisation has this SIREN: taken without organisation."),
    "organisation-name": marked(
        "No organisation bears this name, or several do: taken without organisation. Give its SIREN."
    ),
    "moved": marked(
        "This person has another address now: the line was taken for them, and they keep that address."
    ),
    "succeeded": marked(
        "The function that this person had has ended: taken without organisation, function and letters. "
        "Where they ask for letters themselves, subscribe them on their page."
    ),
    "name-empty": marked("There is no name."),
    "namesakes": marked(
        "Several organisations have this name, and the line does not say which is meant. Give its SIREN."
    ),
    "kind": marked("This kind of organisation is not known."),
    "period": marked("The membership ends before it begins, or has an end without a beginning."),
    "overlap": marked(
        "Another period of membership of this organisation covers these days: nothing of the line was taken. "
        "End that one first, in the file or on the page of the organisation."
    ),
    "ended": marked(
        "This membership was ended, and the line gives no last day: it stays ended. A new one begins on another day."
    ),
    "date": marked("This is not a date. Write 31/12/2026 or 2026-12-31."),
    "date-number": marked(
        "This is a number, not a date. Give the column the format of a date in your spreadsheet."
    ),
    "formula": marked("This is a formula. Copy the column and paste its values only."),
    "formula-error": marked("This formula of the spreadsheet gives an error, not a value."),
    "number": marked("This is not a whole number."),
    "yes-no": marked("Expected yes or no."),
    "reason": marked("This reason of exclusion is not known."),
    "too-long": marked("This cell is too long."),
    "control-character": marked("This cell holds a hidden control character."),
    "too-many-cells": marked("This line has more cells than there are headings."),
    "quotes": marked("A quotation mark of this line is not closed."),
}
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Rejected:
    """One line that was not taken, or of which something must be said.

    `line` counts from 1 in the file; `column` is the file's heading, empty where the whole line is meant; `reason`
    is a stable code; `value` is shortened and harmless for a terminal.
    """

    line: int
    column: str
    reason: str
    value: str

    @property
    def may_be_kept(self) -> bool:
        """Not the line of somebody who asked to be erased: there is nothing to mend in it."""
        return self.reason != ERASED

    @property
    def sentence(self) -> str:
        """The reason's source sentence, a key of the catalogues."""
        return _SENTENCES[self.reason]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Counts. Every line is rejected, or a duplicate, or made something new, changed or left unchanged."""

    kind: str
    encoding: str
    new: int
    changed: int
    unchanged: int
    #: Lines about an address or organisation that an earlier line of the file had named.
    duplicates: int
    rejected: tuple[Rejected, ...]
    #: Lines that were taken, with something to look at: a SIREN that belongs to no known organisation.
    notes: tuple[Rejected, ...]
    #: Headings that nobody knows, and second columns of the same meaning.
    ignored_columns: tuple[str, ...]
    #: Our name of a column, and the file's heading that was understood so.
    recognised_columns: tuple[tuple[str, str], ...] = ()
    #: The first range of merged cells below one another, such as `A2:A5`; empty without any.
    merged: str = ""

    @property
    def unknown_organisations(self) -> int:
        """Lines taken without organisation, because none has their SIREN, or alone bears their name."""
        return sum(each.reason in {"unknown-organisation", "organisation-name"} for each in self.notes)

    def counts(self) -> Mapping[str, Any]:
        """What is kept of the import in its history: no personal data."""
        return {
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "duplicates": self.duplicates,
            "rejected": len(self.rejected),
            "unknown_organisations": self.unknown_organisations,
        }


@dataclass(slots=True)
class Findings:
    """What is noticed while the lines are read."""

    duplicates: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    notes: list[Rejected] = field(default_factory=list)

    def reject(self, line: int, error: "CellError") -> None:
        self.rejected.append(Rejected(line, error.column, error.reason, harmless(error.value)))

    def report(
        self,
        kind: str,
        table: Table,
        counts: Counts,
        *,
        ignored: tuple[str, ...],
        recognised: tuple[tuple[str, str], ...],
    ) -> ImportReport:
        return ImportReport(
            kind=kind,
            encoding=table.encoding,
            new=counts.new,
            changed=counts.changed,
            unchanged=counts.unchanged,
            duplicates=self.duplicates,
            rejected=tuple(sorted(self.rejected, key=attrgetter("line"))),
            notes=tuple(self.notes),
            ignored_columns=ignored,
            recognised_columns=recognised,
            merged=table.merged,
        )

    def note(self, line: int, column: str, reason: str, value: str) -> None:
        self.notes.append(Rejected(line, column, reason, harmless(value)))


class CellError(Exception):
    """One cell that cannot be used; becomes a Rejected, never leaves this room."""

    def __init__(self, column: str, reason: str, value: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason
        self.value = value


def harmless(value: str) -> str:
    """A cell as it may be shown: short, and nothing in it moves a terminal's cursor or turns its text around."""
    shown = "".join(character if character.isprintable() else "�" for character in value[: _SHOWN + 1])
    return shown if len(value) <= _SHOWN else shown[:_SHOWN] + "…"
