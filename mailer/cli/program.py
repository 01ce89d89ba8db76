"""The Typer program, its table of commands, and the one place where an expected failure becomes an exit status."""

import sys

import typer

from mailer.cli import issues, people, running, sends
from mailer.cli.logs import configure_logs
from mailer.cli.output import print_failure
from mailer.errors import MailerError

program = typer.Typer(
    name="mailer",
    help="Relais: the newsletter and mailing pipeline for networks of local authorities.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
program.command("init")(issues.init)
program.command("check")(issues.check)
program.command("import")(people.import_file)
program.command("audience")(people.audience)
program.command("preview")(issues.preview)
program.command("proof")(sends.proof)
program.command("approve")(sends.approve)
program.command("schedule")(sends.schedule)
program.command("send")(sends.send)
program.command("run-due")(sends.run_due)
program.command("status")(sends.status)
program.command("settle")(sends.settle)
program.command("pause")(sends.pause)
program.command("resume")(sends.resume)
program.command("cancel")(sends.cancel)
program.command("report")(sends.report)
program.command("serve")(running.serve)
program.command("worker")(running.worker)
program.command("sandbox")(running.sandbox)
program.command("admin")(running.admin)
program.command("doctor")(running.doctor)
program.command("demo")(running.demo)


def main() -> None:
    """Run the command line; an expected failure is one sentence and an exit status, never a traceback."""
    configure_logs()
    try:
        program()
    except MailerError as error:
        print_failure(error, as_json="--json" in sys.argv)
        sys.exit(error.exit_status)
    except BrokenPipeError:
        sys.exit(0)
