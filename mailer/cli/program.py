"""The Typer program, its table of commands, and the one place where an expected failure becomes an exit status."""

import os
import sys

import typer
from typer._click.exceptions import UsageError  # typer has no public name for all that is wrong usage

from mailer.cli import events, imports, issues, measures, people, registers, running, sends, signup, tokens
from mailer.cli.failures import file_failure, print_failure, print_usage
from mailer.cli.logs import configure_logs
from mailer.errors import InputError, MailerError

#: What shells expect of a program that Ctrl-C ended.
INTERRUPTED = 130
_INTERRUPTION = InputError("Interrupted. What was done is kept; the same command may be given again.")
_DEFECT = MailerError("Something unexpected happened: a defect of this program. Standard error says more.")

program = typer.Typer(
    name="mailer",
    help="Relais: the newsletter and mailing pipeline for networks of local authorities.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

program.command("init")(issues.init)
program.command("check")(issues.check)
program.command("import")(imports.import_file)
program.command("undo-import")(imports.undo_import)
program.command("audience")(people.audience)
program.command("signup")(signup.signup)
program.command("token")(tokens.token)
program.command("register")(registers.register)
program.command("privacy")(registers.privacy)
program.command("preview")(issues.preview)
program.command("erratum")(issues.erratum)
program.command("event")(events.event)
program.command("proof")(sends.proof)
program.command("review")(sends.review)
program.command("approve")(sends.approve)
program.command("schedule")(sends.schedule)
program.command("send")(sends.send)
program.command("run-due")(sends.run_due)
program.command("status")(sends.status)
program.command("settle")(sends.settle)
program.command("pause")(sends.pause)
program.command("resume")(sends.resume)
program.command("cancel")(sends.cancel)
program.command("report")(measures.report)
program.command("results")(measures.results)
program.command("year")(measures.year)
program.command("serve")(running.serve)
program.command("worker")(running.worker)
program.command("sandbox")(running.sandbox)
program.command("admin")(running.admin)
program.command("access")(running.access)
program.command("doctor")(running.doctor)
program.command("demo")(running.demo)


def main() -> None:
    """Run the command line and end with its status; an expected failure is one sentence, never a traceback."""
    configure_logs()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """The exit status of one command: 0 done, 1 what was given, 2 usage, 3 provider or database, 130 Ctrl-C."""
    as_json = "--json" in arguments
    try:
        status = int(program(arguments, prog_name="mailer", standalone_mode=False) or 0)
        if status == INTERRUPTED:
            print_failure(_INTERRUPTION, as_json=as_json)
        return status
    except MailerError as error:
        print_failure(error, as_json=as_json)
        return error.exit_status
    except UsageError as error:
        print_usage(error, as_json=as_json)
        return error.exit_code
    except BrokenPipeError:
        _leave_pipe()
        return 0
    except OSError as error:
        failure = file_failure(error)
        print_failure(failure, as_json=as_json)
        return failure.exit_status
    except Exception:
        # A defect of ours: its traceback goes where defects are looked for, and a program still gets its object.
        if as_json:
            print_failure(_DEFECT, as_json=True)
        raise


def _leave_pipe() -> None:
    """The reader has gone: nothing may be flushed into the pipe at the end, either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
