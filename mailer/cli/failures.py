"""What a command says when it fails: a sentence on standard error for people, one JSON object for programs."""

import errno

from rich.markup import escape
from typer._click.exceptions import UsageError
from typer.rich_utils import rich_format_error

from mailer import app
from mailer.cli.output import console, print_json, problem_values
from mailer.errors import InputError, MailerError, StoreError, WorkspaceError
from mailer.i18n import Translator


def print_failure(error: MailerError, *, as_json: bool) -> None:
    """An expected failure."""
    t = Translator(app.language())
    if as_json:
        problems = error.problems if isinstance(error, WorkspaceError) else ()
        print_json({"error": t.error(error), "problems": [problem_values(each, t) for each in problems]})
    else:
        console(error=True).print(escape(t.error(error)), style="red")


def print_usage(error: UsageError, *, as_json: bool) -> None:
    """Wrong usage: what is wrong with the command line."""
    if as_json:
        print_json({"error": error.format_message(), "problems": []})
    else:
        rich_format_error(error)


def file_failure(error: OSError) -> MailerError:
    """A file or folder that the system refused, wherever it happened; a full disk may hold the database, too."""
    values = {"path": error.filename or "–", "reason": error.strerror or str(error)}
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StoreError("{path}: {reason}. Make room and give the same command again.", **values)
    return InputError(
        "{path} cannot be read or written: {reason}. Check its name, and that this program may use it.",
        **values,
    )
