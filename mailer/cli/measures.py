"""What became of letters: `mailer report` of one, `mailer results` of many, `mailer year` of all of a year."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from mailer import reporting
from mailer.app import files, local_days
from mailer.app.measures import CampaignRun
from mailer.cli.output import Json, Ref, opened, print_json, print_table, say
from mailer.i18n import Translator
from mailer.reporting import reviews

Pdf = Annotated[Path | None, typer.Option("--pdf", help="Also write it to this file, as a page to print.")]
Export = Annotated[Path | None, typer.Option(help="Also write it to this file: .csv or .xlsx.")]


def report(issue: Ref, export: Export = None, pdf: Pdf = None, as_json: Json = False) -> None:
    """What became of an issue: a statement that adds up, and an honest open rate."""
    with opened() as mailer:
        t = mailer.translator()
        form = files.form_of(export) if export else ""
        found, receivers = mailer.report(issue), mailer.recipients_by_receiver(issue)
        beside = mailer.measures.comparison(issue)
        if export:
            export.write_bytes(files.report_file(mailer, issue, form, t))
        if pdf:
            pdf.write_bytes(files.report_pdf(mailer, issue, t))
        if as_json:
            print_json({**reporting.as_json(found, receivers, beside), **_written(export, pdf)})
            return
        say(reporting.as_text(found, t, receivers, beside))
        _say_written(t, export, pdf)


def results(
    campaign: Annotated[str | None, typer.Argument(metavar="[CAMPAIGN]")] = None,
    export: Export = None,
    as_json: Json = False,
) -> None:
    """Every letter that left, with its open rate; of one campaign also the health of its list."""
    with opened() as mailer:
        t = mailer.translator()
        form = files.form_of(export) if export else ""
        run = mailer.measures.run(campaign) if campaign else None
        letters = run.letters if run else mailer.measures.letters()
        if export:
            export.write_bytes(files.letters_file(mailer, campaign, form, t))
        if as_json:
            values: dict[str, Any] = {"letters": [reviews.letter_json(each) for each in letters]}
            print_json({**values, **(_of_campaign(run) if run else {}), **_written(export)})
            return
        if not letters:
            say(t("No letter has left yet."))
        else:
            headings = (t("Letter"), t("Left on"), t("Recipients"), t("Opened"), t("Measure"))
            print_table(headings, reviews.letter_rows(letters, t), right=(2,))
        if run and run.discernible:
            say(reporting.wording.discernible(t, run.discernible))
        for line in reviews.health_lines(run.health, t) if run else ():
            say(line)
        _say_written(t, export)


def _of_campaign(run: CampaignRun) -> dict[str, Any]:
    discernible = asdict(run.discernible) if run.discernible else None
    return {"list": reviews.health_json(run.health), "discernible": discernible}


def year(
    number: Annotated[int | None, typer.Argument(metavar="[YEAR]", help="Default: the present one.")] = None,
    export: Export = None,
    pdf: Pdf = None,
    as_json: Json = False,
) -> None:
    """What left in a year: a paragraph to copy, letters, recipients and rates per campaign, most followed subjects."""
    with opened() as mailer:
        t = mailer.translator()
        form = files.form_of(export) if export else ""
        asked = number or local_days.today(mailer).year
        review = mailer.measures.year(asked)
        if export:
            export.write_bytes(files.year_file(mailer, asked, form, t))
        if pdf:
            pdf.write_bytes(files.year_pdf(mailer, asked, t))
        if as_json:
            print_json({**reviews.year_json(review, t), **_written(export, pdf)})
            return
        say(reviews.year_text(review, t))
        _say_written(t, export, pdf)


def _say_written(t: Translator, *written: Path | None) -> None:
    """Where the files are that were asked for."""
    for path in written:
        if path:
            say(t("Written: {file}.", file=path))


def _written(export: Path | None, pdf: Path | None = None) -> dict[str, str]:
    named = {"export": export, "pdf": pdf}
    return {name: str(path) for name, path in named.items() if path}
