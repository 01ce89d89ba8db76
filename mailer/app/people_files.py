"""Files of people or organisations: written down first, with who takes them away and why, then given piece by piece."""

from collections.abc import Iterator, Sequence

from mailer import reporting, segments
from mailer.app import editions, local_days
from mailer.app.mailer import Mailer
from mailer.errors import InputError, NotFoundError
from mailer.i18n import Translator
from mailer.reporting.streams import MOST_ROWS
from mailer.store import acts, directory

ORGANISATIONS = "organisations"
EVERYBODY = "everybody"
_LEAST_WHY, _MOST_WHY = 5, 300


def people_file(mailer: Mailer, what: str, form: str, *, why: str, by: str, t: Translator) -> Iterator[bytes]:
    """The pieces of a file: `organisations`, `everybody`, or the people whom a segment names today.

    Raises InputError without a reason, before anything is written or read.
    """
    why = " ".join(why.split())
    if not _LEAST_WHY <= len(why) <= _MOST_WHY or not why.isprintable():
        raise InputError(
            "Say in {least} to {most} letters what the file is for: it is written down.",
            least=_LEAST_WHY,
            most=_MOST_WHY,
        )
    if form not in reporting.FORMS:
        raise NotFoundError("There is no file of this kind. Choose CSV or XLSX.")
    ids = None if what in {ORGANISATIONS, EVERYBODY} else _ids(mailer, what)
    if form == "xlsx" and _count(mailer, ids) > MOST_ROWS:
        raise InputError("A workbook holds no more than {most} people. Choose CSV.", most=MOST_ROWS)
    with mailer.store.write() as tx:
        acts.record(
            tx, at=mailer.clock.now(), by=by, act="export-people", object=what, detail=f"{form}: {why}"
        )
    return _pieces(mailer, what, ids, form, t)


def _pieces(
    mailer: Mailer, what: str, ids: Sequence[int] | None, form: str, t: Translator
) -> Iterator[bytes]:
    with mailer.store.read(unhurried=True) as tx:
        if what == ORGANISATIONS:
            headings, rows = reporting.organisation_rows(directory.every_organisation(tx), t)
        else:
            topics = tuple(mailer.topics())
            headings, rows = reporting.people_rows(directory.people_of(tx, ids), topics, t)
        if form == "csv":
            yield from reporting.csv_pieces(headings, rows, t)
        else:
            yield from reporting.xlsx_pieces(t("People"), headings, rows, at=mailer.clock.now())


def _ids(mailer: Mailer, slug: str) -> Sequence[int]:
    segment, topic = editions.find_segment(mailer.settings, slug)
    today = local_days.today(mailer)
    with mailer.store.read() as tx:
        return segments.resolve(tx, segment, topic=topic, day=today).contact_ids


def _count(mailer: Mailer, ids: Sequence[int] | None) -> int:
    if ids is not None:
        return len(ids)
    with mailer.store.read() as tx:
        return directory.count_contacts(tx)
