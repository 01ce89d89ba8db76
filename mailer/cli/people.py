"""`mailer import` and `mailer audience`."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mailer.app import Mailer
from mailer.cli.output import BY, Json, opened, print_json, print_table, say
from mailer.cli.words import exclusion_word
from mailer.i18n import Translator
from mailer.importing import ImportReport, Rejected


class ImportKind(StrEnum):
    ORGANISATIONS = "organisations"
    EXCLUSIONS = "exclusions"
    CONTACTS = "contacts"


def import_file(
    kind: ImportKind,
    file: Path,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Import a spreadsheet (CSV, XLSX, ODS): organisations, exclusions or contacts."""
    with opened() as mailer:
        report = mailer.import_file(kind.value, file, by=BY, dry_run=dry_run)
        if as_json:
            print_json(_import_values(report, mailer, dry_run=dry_run))
        else:
            _print_import(report, mailer, file, dry_run=dry_run)


def _import_values(report: ImportReport, mailer: Mailer, *, dry_run: bool) -> dict[str, object]:
    t = mailer.translator()
    return {
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "duplicates": report.duplicates,
        "rejected": [_line(each, t) for each in report.rejected],
        "notes": [_line(each, t) for each in report.notes],
        "ignored_columns": list(report.ignored_columns),
        "encoding": report.encoding,
        "dry_run": dry_run,
    }


def _line(each: Rejected, t: Translator) -> dict[str, object]:
    return {"line": each.line, "column": each.column, "reason": each.reason, "sentence": t(each.sentence)}


def _print_import(report: ImportReport, mailer: Mailer, file: Path, *, dry_run: bool) -> None:
    t = mailer.translator()
    say(
        t("{file}: dry run, nothing was written.", file=file.name)
        if dry_run
        else t("{file}: imported.", file=file.name)
    )
    counts = (
        (t("New"), report.new),
        (t("Changed"), report.changed),
        (t("Unchanged"), report.unchanged),
        (t("Duplicates"), report.duplicates),
        (t("Rejected lines"), len(report.rejected)),
    )
    print_table((t("Lines"), t("Number")), [(name, t.number(count)) for name, count in counts], right=(1,))
    if report.encoding:
        say(t("Read as {encoding}.", encoding=report.encoding))
    if report.ignored_columns:
        say(t("Columns that nobody knows, left out: {names}.", names=", ".join(report.ignored_columns)))
    _print_lines(t, t("Rejected lines"), report.rejected)
    _print_lines(t, t("Taken, but look at them"), report.notes)


def _print_lines(t: Translator, title: str, lines: Sequence[Rejected]) -> None:
    if lines:
        say("\n" + title)
        rows = [(each.line, each.column, t(each.sentence), each.value) for each in lines]
        print_table((t("Line"), t("Column"), t("Reason"), t("Cell")), rows, right=(0,))


def audience(
    segment: str,
    explain: Annotated[
        bool, typer.Option("--explain", help="Who falls out at each step, and a sentence.")
    ] = False,
    topic: Annotated[
        str | None, typer.Option(help="Default: the topic of the campaign that uses it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Count the people a segment names now."""
    with opened() as mailer:
        found = mailer.audience(segment, topic=topic)
        t = mailer.translator()
        if as_json:
            print_json(
                {
                    "segment": found.segment,
                    "topic": found.topic,
                    "count": found.count,
                    "considered": found.considered,
                    "excluded": found.excluded,
                    "sentence": found.sentence,
                }
            )
            return
        say(t.plural("{count} recipient", "{count} recipients", found.count))
        if explain:
            say(found.sentence)
            rows = [(t("Contacts considered"), t.number(found.considered))]
            rows += [
                ("– " + exclusion_word(t, reason), t.number(count))
                for reason, count in found.excluded.items()
            ]
            print_table(("", ""), [*rows, (t("Recipients"), t.number(found.count))], right=(1,))
