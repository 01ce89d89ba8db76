"""Deliveries + events -> figures: a statement that adds up, an honest open rate, and letters side by side."""

from mailer.model.measuring import SMALLEST_COHORT
from mailer.reporting import wording
from mailer.reporting.comparison import compare, earlier, year_before
from mailer.reporting.differences import discernible, usual_rate
from mailer.reporting.digest import sentences
from mailer.reporting.exports import letters_sheet, report_sheets, year_sheets
from mailer.reporting.figures import report
from mailer.reporting.health import list_health
from mailer.reporting.paper import as_pdf, as_png
from mailer.reporting.paper_report import report_paper
from mailer.reporting.paper_year import year_paper
from mailer.reporting.people import organisation_rows, people_rows
from mailer.reporting.printing import as_json, as_text, receiver_warning
from mailer.reporting.reasons import reason
from mailer.reporting.series import letters
from mailer.reporting.sheets import FORMS, Sheet, as_csv, as_xlsx
from mailer.reporting.slots import slots
from mailer.reporting.statistics import wilson
from mailer.reporting.streams import csv_pieces, xlsx_pieces
from mailer.reporting.year import year_review, years

__all__ = [
    "FORMS",
    "SMALLEST_COHORT",
    "Sheet",
    "as_csv",
    "as_json",
    "as_pdf",
    "as_png",
    "as_text",
    "as_xlsx",
    "compare",
    "csv_pieces",
    "discernible",
    "earlier",
    "letters",
    "letters_sheet",
    "list_health",
    "organisation_rows",
    "people_rows",
    "reason",
    "receiver_warning",
    "report",
    "report_paper",
    "report_sheets",
    "sentences",
    "slots",
    "usual_rate",
    "wilson",
    "wording",
    "xlsx_pieces",
    "year_before",
    "year_paper",
    "year_review",
    "year_sheets",
    "years",
]
