"""`mailer import` and `mailer undo-import`."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mailer.app import Mailer, undoing
from mailer.cli.output import BY, Json, bar, opened, print_json, print_table, say
from mailer.errors import InputError
from mailer.i18n import Translator
from mailer.importing import ImportReport, Reading, Rejected, line_count, lines_to_mend, read_table


class ImportKind(StrEnum):
    ORGANISATIONS = "organisations"
    EXCLUSIONS = "exclusions"
    CONTACTS = "contacts"


def import_file(
    kind: ImportKind,
    file: Path,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")] = False,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=HEADING",
            help="Which column is which, such as address=Contact; NAME= leaves it out. May be repeated.",
        ),
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write the rejected lines there, to be mended.")
    ] = None,
    encoding: Annotated[
        str,
        typer.Option(help="utf-8-sig, cp1252, utf-16, iso8859-15, mac_roman or cp850; else it is guessed."),
    ] = "",
    separator: Annotated[str, typer.Option(help="; or , or | or tab; else it is guessed.")] = "",
    as_json: Json = False,
) -> None:
    """Import a spreadsheet (CSV, XLSX, ODS): organisations, exclusions or contacts."""
    with opened() as mailer:
        named = _named(column or [])
        reading = Reading(encoding, "\t" if separator == "tab" else separator)
        about = line_count(file) if file.is_file() else None
        with bar(file.name, quiet=as_json) as update:
            report = mailer.import_file(
                kind.value,
                file,
                by=BY,
                dry_run=dry_run,
                columns=named,
                reading=reading,
                seen=lambda lines, is_read: update(lines, lines if is_read else about),
            )
        if rejects is not None and report.rejected:
            pieces = lines_to_mend(read_table(file, reading=reading), report.rejected, mailer.translator())
            rejects.write_text("".join(pieces), "utf-8", newline="")
        if as_json:
            print_json(_import_values(report, mailer, dry_run=dry_run))
        else:
            _print_import(report, mailer, file, dry_run=dry_run)


def undo_import(number: Annotated[int | None, typer.Argument()] = None, as_json: Json = False) -> None:
    """Undo an import by its number; without one: the last imports, and which may be undone."""
    with opened() as mailer:
        if number is None:
            _print_history(mailer, as_json=as_json)
            return
        staying = undoing.undo(mailer, number, by=BY)
        t = mailer.translator()
        if as_json:
            print_json({"import": number, "undone": True, "staying": staying})
            return
        say(t("The import is undone: what it had changed is as it was before it."))
        if staying:
            say(
                t.plural(
                    "{count} entry stays: somebody has asked for it as well, changed it since, or depends on it.",
                    "{count} entries stay: somebody has asked for them as well, changed them since, or depends on them.",
                    staying,
                )
            )


def _print_history(mailer: Mailer, *, as_json: bool) -> None:
    t = mailer.translator()
    runs, undoable = undoing.history(mailer, limit=20)
    rows = [
        {
            "import": run.id,
            "kind": run.kind,
            "file": run.file_name,
            "at": run.at,
            "undone": run.undone_at is not None,
            "may_be_undone": run.id in undoable,
        }
        for run in runs
    ]
    if as_json:
        print_json({"imports": rows})
        return
    words = {True: t("may be undone"), False: ""}
    print_table(
        (t("Import"), t("File"), t("When"), t("Undo")),
        [
            (
                run.id,
                f"{run.kind}: {run.file_name}",
                t.instant(run.at),
                t("Undone") if run.undone_at else words[run.id in undoable],
            )
            for run in runs
        ],
        right=(0,),
    )


def _named(columns: Sequence[str]) -> dict[str, str]:
    named = {}
    for each in columns:
        name, equals, heading = each.partition("=")
        if not equals:
            raise InputError("{column}: write NAME=HEADING, such as address=Contact.", column=each)
        named[name.strip()] = heading.strip()
    return named


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
        "columns": dict(report.recognised_columns),
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
    if report.merged:
        say(
            t(
                "Cells are merged, such as {range}: only the first line of each holds the text, the lines below are read "
                "as empty. Unmerge them and fill each one in.",
                range=report.merged,
            )
        )
    if report.ignored_columns:
        say(t("Columns that nobody knows, left out: {names}.", names=", ".join(report.ignored_columns)))
    _print_lines(t, t("Rejected lines"), report.rejected)
    _print_lines(t, t("Taken, but look at them"), report.notes)


def _print_lines(t: Translator, title: str, lines: Sequence[Rejected]) -> None:
    if lines:
        say("\n" + title)
        rows = [(each.line, each.column, t(each.sentence), each.value) for each in lines]
        print_table((t("Line"), t("Column"), t("Reason"), t("Cell")), rows, right=(0,))
