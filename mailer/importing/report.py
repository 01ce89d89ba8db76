"""What an import did, or would do: counts, and every rejected line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mailer.i18n import marked

_SENTENCES = {
    "address-empty": marked("There is no address."),
    "address-control-character": marked("The address holds a hidden control character."),
    "address-several": marked("There is more than one address in this cell."),
    "address-not-ascii": marked("The address has letters that mail servers refuse."),
    "address-malformed": marked("This is not an e-mail address."),
    "erased": marked("This person asked to be erased."),
    "siren": marked("This is not a SIREN: nine digits with a check digit."),
    "name-empty": marked("There is no name."),
    "kind": marked("This kind of organisation is not known."),
    "date": marked("This is not a date. Write 31/12/2026 or 2026-12-31."),
    "number": marked("This is not a whole number."),
    "yes-no": marked("Expected yes or no."),
    "reason": marked("This reason of exclusion is not known."),
    "too-long": marked("This cell is too long."),
}
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Rejected:
    """One line that was not taken. `line` counts from 1 with the heading line; `reason` is a stable code."""

    line: int
    column: str
    reason: str
    value: str

    @property
    def sentence(self) -> str:
        """The reason's source sentence, a key of the catalogues."""
        return _SENTENCES[self.reason]


@dataclass(slots=True)
class ImportReport:
    """Counts of lines; filled while an import runs."""

    kind: str
    encoding: str = ""
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    duplicates: int = 0
    #: Contacts whose SIREN belongs to no known organisation: taken, without organisation.
    unknown_organisations: int = 0
    ignored_columns: tuple[str, ...] = ()
    rejected: list[Rejected] = field(default_factory=list)

    def reject(self, line: int, column: str, reason: str, value: str) -> None:
        self.rejected.append(Rejected(line, column, reason, harmless(value)))

    def counts(self) -> Mapping[str, Any]:
        """What is kept of the import in its history."""
        return {
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "duplicates": self.duplicates,
            "rejected": len(self.rejected),
        }


class CellError(Exception):
    """One cell that cannot be used; becomes a Rejected, never leaves this room."""

    def __init__(self, column: str, reason: str, value: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason
        self.value = value


def harmless(value: str) -> str:
    """A cell as it may be shown: short, and nothing in it moves a terminal's cursor."""
    shown = "".join(character if character.isprintable() else "�" for character in value[: _SHOWN + 1])
    return shown if len(value) <= _SHOWN else shown[:_SHOWN] + "…"
