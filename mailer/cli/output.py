"""How commands speak: sentences and tables for people, one JSON object for programs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from mailer.app import Mailer, create_mailer
from mailer.errors import Problem, Severity
from mailer.i18n import Translator

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Ref = Annotated[str, typer.Argument(metavar="CAMPAIGN/ISSUE")]

#: Who acts when nobody is logged in.
BY = "cli"


def console(*, error: bool = False) -> Console:
    """A fresh console, so that redirected output is found at the moment of printing."""
    return Console(stderr=error, highlight=False, soft_wrap=True)


@contextmanager
def opened(workspace: Path | None = None) -> Iterator[Mailer]:
    """A Mailer that is closed afterwards."""
    mailer = create_mailer(workspace)
    try:
        yield mailer
    finally:
        mailer.close()


def say(text: str) -> None:
    """One sentence for people; data inside it is never read as markup."""
    console().print(escape(text))


def print_json(values: Mapping[str, Any]) -> None:
    """The one JSON object of a command."""
    typer.echo(json.dumps(values, ensure_ascii=False, default=str))


def print_table(
    headings: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[int] = ()
) -> None:
    """Columns side by side; without any heading no line is spent on them."""
    table = Table(box=None, pad_edge=False, header_style="bold", show_header=any(headings))
    for number, heading in enumerate(headings):
        table.add_column(escape(heading), justify="right" if number in right else "left")
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    console().print(table)


def problem_values(problem: Problem, t: Translator) -> dict[str, Any]:
    """A problem as JSON."""
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "message": t(problem.message, **problem.values),
        "remedy": t(problem.remedy, **problem.values) if problem.remedy else "",
        "path": str(problem.path) if problem.path else None,
        "line": problem.line,
        "block": problem.block,
        "field": problem.field or None,
    }


def print_problems(problems: Sequence[Problem], t: Translator) -> None:
    for problem in problems:
        colour = "red" if problem.severity is Severity.BLOCKING else "yellow"
        console().print(f"[{colour}]●[/{colour}] {escape(t.problem(problem))}")


def require_provider(mailer: Mailer, *, as_json: bool) -> None:
    """End with status 3, before anything is done, where the provider does not answer or refuses our key."""
    problems = mailer.provider.check()
    if not problems:
        return
    t = mailer.translator()
    sentences = "\n".join(t.problem(each) for each in problems)
    if as_json:
        print_json({"error": sentences, "problems": [problem_values(each, t) for each in problems]})
    else:
        console(error=True).print(escape(sentences), style="red")
    raise typer.Exit(3)


@contextmanager
def bar(label: str, *, quiet: bool = False) -> Iterator[Any]:
    """A progress bar on standard error; gives a function of (done, total)."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(error=True), disable=quiet) as progress:
        task = progress.add_task(escape(label), total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
