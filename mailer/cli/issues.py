"""`mailer init`, `check`, `preview` and `erratum`."""

from pathlib import Path
from typing import Annotated

import typer

from mailer import app
from mailer.cli.output import BY, Json, Ref, opened, print_json, print_problems, problem_values, say
from mailer.errors import Severity
from mailer.i18n import Translator
from mailer.web import letter_words
from mailer.web.previews import inlined


def init(directory: Path, as_json: Json = False) -> None:
    """Make a new workspace: templates, one segment and one issue per campaign, mailer.toml."""
    written = app.init_workspace(directory)
    if as_json:
        print_json({"workspace": str(directory), "files": [str(path) for path in written]})
    else:
        t = Translator(app.language())
        say(t("The workspace {directory} is ready.", directory=directory))
        say(t("Next: cd {directory}, then mailer doctor and mailer serve.", directory=directory))


def check(
    links: Annotated[
        bool,
        typer.Option("--links", help="Also ask the network: do links answer, who vouches for the sender?"),
    ] = False,
    as_json: Json = False,
) -> None:
    """Find every mistake in the workspace, down to the finished mails."""
    with opened() as mailer:
        problems = mailer.check(look=links)
        t = mailer.translator()
        blocking = sum(problem.severity is Severity.BLOCKING for problem in problems)
        if as_json:
            print_json({"ok": not blocking, "problems": [problem_values(each, t) for each in problems]})
        else:
            print_problems(problems, t)
            say(t.plural("{count} blocking problem", "{count} blocking problems", blocking))
    raise typer.Exit(1 if blocking else 0)


def preview(
    issue: Ref,
    address: Annotated[str | None, typer.Option("--for", help="As this person would get it.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for preview.html and preview.txt.")] = None,
    as_json: Json = False,
) -> None:
    """Compile an issue and write it as one person would get it."""
    with opened() as mailer:
        found = mailer.preview(issue, **({"person": mailer.person(address)} if address else {}))
        t = mailer.translator()
        folder = out or mailer.settings.state / "preview" / issue
        folder.mkdir(parents=True, exist_ok=True)
        page, text = folder / "preview.html", folder / "preview.txt"
        # With its pictures in it: nothing serves them before the issue is frozen.
        page.write_text(inlined(mailer, found.compiled, found.content.html), "utf-8")
        text.write_text(found.content.text, "utf-8")
        if as_json:
            print_json(
                {
                    "subject": found.content.subject,
                    "html": str(page),
                    "text": str(text),
                    "bytes": len(found.content.html.encode()),
                    "problems": [problem_values(each, t) for each in found.problems],
                }
            )
            return
        say(found.content.subject)
        say(t("Written: {page} and {text}.", page=page, text=text))
        print_problems(found.problems, t)


def erratum(issue: Ref, as_json: Json = False) -> None:
    """Begin an erratum of a letter: a draft that goes only to the people who have a copy of it."""
    with opened() as mailer:
        draft = mailer.prepare_erratum(issue, by=BY)
        audience, t = mailer.departures.foresee(draft.ref).audience, mailer.translator()
        if as_json:
            print_json(
                {
                    "issue": issue,
                    "erratum": draft.ref,
                    "path": str(draft.path),
                    "copies": audience.considered,
                    "recipients": audience.count,
                }
            )
            return
        say(t("The erratum is begun in {path}: say there what is corrected.", path=draft.path))
        say(letter_words.copies_sentence(t, audience))
        say(t("Then: mailer preview {issue}, mailer schedule {issue}.", issue=draft.ref))
