"""Lines of a file of contacts as rows for the store, one at a time: no file is kept in memory.

A file of a million lines says the same few dates, numbers and answers again and again: what a text means is judged
once. A line of which every such text is known, and whose address needs no mending, is read the short way; every other
one the long way, which alone refuses and remarks.
"""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from mailer.addresses import plain
from mailer.importing.columns import Columns, Line
from mailer.importing.columns import plain as plain_name
from mailer.importing.erasures import Erasures
from mailer.importing.report import CellError, Findings
from mailer.importing.table import MAX_CELL, Record
from mailer.importing.values import read_address, read_date, read_siren, read_yes
from mailer.model.people import TrackingConsent
from mailer.store.contact_stage import UNKNOWN_ORGANISATION, Row

#: So many texts of a kind are remembered.
_MOST = 20_000
_CONSENTS = {
    True: TrackingConsent.GRANTED.value,
    False: TrackingConsent.DENIED.value,
    None: TrackingConsent.UNKNOWN.value,
}
_NAMES = ("siren", "organisation")
_TEXTS = ("first_name", "last_name", "job", "source")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before the first line: organisations by SIREN, erased people, addresses of people who moved.

    `ended`: address -> organisations in which their function has ended. `names`: plain name -> the organisation that
    alone bears it, None where several do.
    """

    organisations: Mapping[str, int]
    erasures: Erasures
    moved: Mapping[str, str]
    ended: Mapping[str, Set[int]] = field(default_factory=dict)
    names: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(slots=True)
class _Meanings:
    """What texts of the file mean, as the long way has found: answers, organisations, days."""

    answers: dict[Any, tuple[str, int]] = field(default_factory=dict)
    organisations: dict[Any, int | None] = field(default_factory=dict)
    days: dict[str, str | None] = field(default_factory=dict)


class ContactLines:
    """The lines of one file; `topics` maps a topic to the name of its column. What cannot be used goes to the findings."""

    def __init__(
        self, columns: Columns, findings: Findings, *, known: Known, topics: Mapping[str, str]
    ) -> None:
        self._columns = columns
        self._findings = findings
        self._known = known
        self._topics = tuple(topics.values())
        self._meanings = _Meanings()
        #: The cells of a line that hold answers.
        self._answers = _cells(columns, ("tracking", *self._topics))
        #: Those that name an organisation.
        self._names = _cells(columns, _NAMES)

    def rows(self) -> Iterator[Row]:
        """One row for each line that can be used, in the order of the file."""
        short = self._short_way()
        for record in self._columns.records(self._findings):
            row = short(record)
            if row is None:
                row = self._long_way(record)
            if row is not None:
                yield row

    def _short_way(self) -> Callable[[Record], Row | None]:
        """What reads a line without anything new or odd in it; it gives None for any other."""
        place, padding = self._columns.place, self._columns.padding
        first_name, last_name, job, source = (place(name) for name in _TEXTS)
        address_at, day_at = place("address"), place("registered_on")
        answers_of, names_of, meanings, known = self._answers, self._names, self._meanings, self._known
        answers, organisations, days = meanings.answers, meanings.organisations, meanings.days
        moved, ended, is_erased = known.moved, known.ended, known.erasures.know

        def read(record: Record) -> Row | None:
            cells = record.cells
            whole = "".join(cells)
            if not whole.isprintable() or "  " in whole or len(whole) > MAX_CELL:
                return None
            cells = (*cells, *padding[len(cells) :])
            address = plain(cells[address_at])
            if not address or address in moved or address in ended or is_erased(address):
                return None
            try:
                tracking, topics = answers[answers_of(cells)]
                organisation, day = organisations[names_of(cells)], days[cells[day_at]]
            except KeyError:
                return None
            return (
                record.line, address, cells[first_name].strip(), cells[last_name].strip(), cells[job].strip(),
                cells[source].strip(), tracking, organisation, day, topics,
            )  # fmt: skip

        return read

    def _long_way(self, record: Record) -> Row | None:
        """Cell by cell; None for a line that is rejected."""
        line = Line(record, self._columns)
        try:
            address = read_address(line, "address")
            self._known.erasures.refuse(line, address)
            first_name, last_name, job, source = map(line.text, _TEXTS)
            siren, on = read_siren(line, "siren"), read_date(line, "registered_on")
            tracking, topics = self._said(line)
        except CellError as error:
            self._findings.reject(line.number, error)
            return None
        address, organisation = self._present(line, address), self._organisation(line, siren)
        day = on.isoformat() if on else None
        if line.is_tidy:
            self._learn(record, answers=(tracking, topics), organisation=organisation, day=day)
        if self._has_ended(line, address, organisation):
            organisation, job, topics = None, "", 0
        return (
            line.number, address, first_name, last_name, job, source, tracking, organisation, day, topics
        )  # fmt: skip

    def _said(self, line: Line) -> tuple[str, int]:
        """The answer about the measure, and a bit for each topic that the line says yes to."""
        tracking = _CONSENTS[read_yes(line, "tracking")]
        return tracking, sum(1 << bit for bit, name in enumerate(self._topics) if read_yes(line, name))

    def _learn(
        self, record: Record, *, answers: tuple[str, int], organisation: int | None, day: str | None
    ) -> None:
        """What the texts of this line mean; an organisation that is not found is remarked each time, and not learned."""
        cells = (*record.cells, *self._columns.padding[len(record.cells) :])
        place, meanings = self._columns.place, self._meanings
        _keep(meanings.answers, self._answers(cells), answers)
        _keep(meanings.days, cells[place("registered_on")], day)
        names = self._names(cells)
        if organisation or not any(names):
            _keep(meanings.organisations, names, organisation)

    def _present(self, line: Line, address: str) -> str:
        """The address of today; that it is another one is remarked."""
        if address not in self._known.moved:
            return address
        self._findings.note(line.number, self._columns.heading("address"), "moved", address)
        return self._known.moved[address]

    def _has_ended(self, line: Line, address: str, organisation: int | None) -> bool:
        """Somebody has followed them in this organisation, as the file does not know yet; it is remarked.

        A line that names no organisation may mean the old one.
        """
        theirs = self._known.ended.get(address)
        if not theirs or (organisation is not None and organisation not in theirs):
            return False
        self._findings.note(line.number, self._columns.heading("address"), "succeeded", address)
        return True

    def _organisation(self, line: Line, siren: str | None) -> int | None:
        """The organisation of that number, else of that name; that there is none is remarked."""
        if siren is None:
            return self._named(line)
        if siren not in self._known.organisations:
            self._findings.note(line.number, self._columns.heading("siren"), "unknown-organisation", siren)
        return self._known.organisations.get(siren, UNKNOWN_ORGANISATION)

    def _named(self, line: Line) -> int | None:
        """The one that alone bears the name; where none does the line names nobody else's either."""
        name = line.text("organisation")
        found = self._known.names.get(plain_name(name))
        if name and found is None:
            self._findings.note(line.number, self._columns.heading("organisation"), "organisation-name", name)
        return found


def _keep(meanings: dict[Any, Any], text: Any, meaning: Any) -> None:
    if len(meanings) < _MOST:
        meanings[text] = meaning


def _cells(columns: Columns, names: tuple[str, ...]) -> Callable[[tuple[str, ...]], Any]:
    """What takes the cells of these columns out of a line."""
    return itemgetter(*map(columns.place, names))
