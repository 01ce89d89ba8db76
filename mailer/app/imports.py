"""A spreadsheet on its way in: which column is which (chosen, remembered, proposed), a dry run, the import."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from mailer import importing
from mailer.app import rejects
from mailer.app.advances import Advances, Seen, unseen
from mailer.app.topics import TopicTitles
from mailer.clock import Clock
from mailer.i18n import Translator
from mailer.importing import GUESSED, ImportReport, Reading, Table, choosing, lines_to_mend
from mailer.settings import Settings
from mailer.store import Store, Tx, acts, column_choices, imports
from mailer.tokens import Signer

#: Our name of a column -> its place from 0.
Places = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file with its columns: `table` is read with `places`; without the `missing` ones nothing can be imported."""

    kind: str
    table: Table
    places: Places
    missing: tuple[str, ...]
    #: Whether somebody chose these columns for an earlier file of the same headings.
    is_remembered: bool
    topics: choosing.Topics

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that a column of such a file may hold."""
        return tuple(choosing.known_columns(self.kind, self.topics))


class Imports:
    """Everything about files of people. Safe to share between threads."""

    def __init__(
        self, settings: Settings, store: Store, signer: Signer, clock: Clock, topics: TopicTitles
    ) -> None:
        self._settings = settings
        self._store = store
        self._signer = signer
        self._clock = clock
        self._topics = topics
        self.advances = Advances()

    def prepare(
        self,
        kind: str,
        path: Path,
        *,
        places: Places | None = None,
        named: Mapping[str, str] | None = None,
        reading: Reading = GUESSED,
    ) -> Prepared:
        """Read the file; its columns are `places`, else those remembered, else those proposed, then those `named`.

        `named` maps our name to a heading. Raises SpreadsheetError, and InputError for what is not there.
        """
        table = importing.read_table(path, reading=reading)
        topics = self._known_topics()
        with self._store.read() as tx:
            held = column_choices.find(tx, choosing.fingerprint(kind, table.headings))
        is_remembered = places is None and held is not None
        start = held if places is None else places
        if start is None:
            start = choosing.proposal(kind, table, topics)
        if named:
            start = choosing.by_name(kind, table, named, start, topics)
        table = choosing.with_places(table, kind, start, topics)
        chosen = table.chosen or {}
        missing = tuple(name for name in choosing.required_columns(kind) if name not in chosen)
        if missing and places is None:
            choosing.refuse_late_headings(kind, table, topics)
        return Prepared(kind, table, chosen, missing, is_remembered, topics)

    def look(self, file: Prepared, *, seen: Seen = unseen) -> ImportReport:
        """What an import would do; nothing is written."""
        with self._store.read(unhurried=True) as tx:
            return self._act(tx, file, by="", at=self._clock.now(), dry_run=True, seen=seen)

    def carry_out(self, file: Prepared, *, by: str, seen: Seen = unseen) -> ImportReport:
        """Import in one transaction, and remember the columns where they are not what the headings say.

        The rejected lines are kept aside as long as the import may be undone.
        """
        now = self._clock.now()
        headings = choosing.fingerprint(file.kind, file.table.headings)
        with self._store.write(unhurried=True) as tx:
            report = self._act(tx, file, by=by, at=now, dry_run=False, seen=seen)
            if file.places == choosing.proposal(file.kind, file.table, file.topics):
                column_choices.forget(tx, headings)
            else:
                column_choices.keep(tx, headings, file.places, at=now)
            acts.record(tx, at=now, by=by, act="import", object=file.kind, detail=file.table.name)
            run_id = imports.number(tx, kind=file.kind, file_name=file.table.name, at=now, by=by)
        if any(each.may_be_kept for each in report.rejected):
            t = Translator(self._settings.language, self._settings.time_zone)
            pieces = lines_to_mend(file.table, report.rejected, t)
            rejects.keep(self._settings.state, run_id, pieces, at=now)
        return report

    def _act(
        self, tx: Tx, file: Prepared, *, by: str, at: datetime, dry_run: bool, seen: Seen
    ) -> ImportReport:
        act = partial(importing.import_contacts, topics=file.topics)
        chosen = act if file.kind == "contacts" else importing.IMPORTS[file.kind]
        return chosen(tx, file.table.watched(seen), at=at, by=by, dry_run=dry_run, signer=self._signer)

    def _known_topics(self) -> choosing.Topics:
        """The topics of every network, and those of this one's campaigns by their name and title."""
        own = {
            topic: (*importing.TOPICS.get(topic, ()), topic, title) for topic, title in self._topics().items()
        }
        return {**importing.TOPICS, **own}
