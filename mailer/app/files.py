"""Files that people take away: a report, letters, a year, as CSV or XLSX; a report and a year also as a page to print."""

from collections.abc import Sequence
from pathlib import Path

from mailer import reporting
from mailer.app import local_days
from mailer.app.mailer import Mailer
from mailer.errors import InputError, NotFoundError
from mailer.i18n import Translator


def form_of(path: Path) -> str:
    """`csv` or `xlsx`, as the name ends; raises InputError for any other."""
    form = path.suffix.lower().removeprefix(".")
    if form not in reporting.FORMS:
        raise InputError(
            "{file} must end in .csv or .xlsx: those are the files that can be written.", file=path.name
        )
    return form


#: The page to print.
PDF = "pdf"
#: What each form of a file is to a browser.
MEDIA = {**reporting.FORMS, PDF: "application/pdf"}


def report_pdf(mailer: Mailer, ref: str, t: Translator) -> bytes:
    """The page of one report, with the figures as they are today."""
    paper = reporting.report_paper(
        mailer.report(ref), t, network=mailer.settings.network.name, on=local_days.today(mailer)
    )
    return reporting.as_pdf(paper)


def year_pdf(mailer: Mailer, year: int, t: Translator) -> bytes:
    """The page of a year, with the figures as they are today."""
    review = mailer.measures.year(year)
    paper = reporting.year_paper(review, t, network=mailer.settings.network.name, on=local_days.today(mailer))
    return reporting.as_pdf(paper)


def report_file(mailer: Mailer, ref: str, form: str, t: Translator) -> bytes:
    """Everything of one report."""
    if form == PDF:
        return report_pdf(mailer, ref, t)
    return _made(
        mailer, reporting.report_sheets(mailer.report(ref), mailer.measures.comparison(ref), t), form, t
    )


def letters_file(mailer: Mailer, campaign: str | None, form: str, t: Translator) -> bytes:
    """Every letter that left, of one campaign or of all."""
    letters = mailer.measures.run(campaign).letters if campaign else mailer.measures.letters()
    return _made(mailer, [reporting.letters_sheet(letters, t)], form, t)


def year_file(mailer: Mailer, year: int, form: str, t: Translator) -> bytes:
    """The review of a year."""
    if form == PDF:
        return year_pdf(mailer, year, t)
    return _made(mailer, reporting.year_sheets(mailer.measures.year(year), t), form, t)


def _made(mailer: Mailer, sheets: Sequence[reporting.Sheet], form: str, t: Translator) -> bytes:
    if form not in reporting.FORMS:
        raise NotFoundError("There is no file of this kind. Choose CSV or XLSX.")
    if form == "csv":
        return reporting.as_csv(sheets, t)
    return reporting.as_xlsx(sheets, at=mailer.clock.now())
