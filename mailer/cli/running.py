"""Programs that stay: `serve`, `sandbox`, `demo`; and what an installer needs: `doctor`, `admin`, `access`."""

from typing import Annotated
from urllib.parse import urlsplit

import typer

from mailer import app, settings, web
from mailer import demo as demonstration
from mailer import sandbox as sandboxes
from mailer.cli.logs import only_warnings
from mailer.cli.output import BY, Json, opened, print_json, print_table, say
from mailer.i18n import Translator


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Default: the port of base_url.")] = None,
    heartbeat: Annotated[bool, typer.Option(help="Run what is due in this process too.")] = True,
    as_json: Json = False,
) -> None:
    """Serve the desk and the public pages, and run what is due."""
    with opened() as mailer:
        chosen = port if port is not None else (urlsplit(mailer.settings.base_url).port or 8080)
        listening = web.listen(host, chosen)
        link = app.first_administrator_link(mailer)
        t = mailer.translator()
        if as_json:
            print_json({"url": mailer.settings.base_url, "host": host, "port": chosen, "first_visit": link})
        else:
            say(t("The desk: {url}   (Ctrl-C stops it)", url=mailer.settings.base_url))
            if link:
                say(t("First visit: open {link} to choose a password (valid for 24 hours).", link=link))
            if _leads_elsewhere(mailer.settings.base_url, chosen):
                say(
                    t(
                        "But this listens on port {port}: these addresses open only where base_url names it, "
                        "here with MAILER_BASE_URL={url}.",
                        port=chosen,
                        url=f"http://{urlsplit(mailer.settings.base_url).hostname}:{chosen}",
                    )
                )
        web.serve(mailer, listening, heartbeat=heartbeat)


def _leads_elsewhere(base_url: str, port: int) -> bool:
    """Whether a browser on this very machine would knock at another door; elsewhere something passes on to this one."""
    parts = urlsplit(base_url)
    return parts.hostname in {"127.0.0.1", "localhost"} and (parts.port or 80) != port


def worker(as_json: Json = False) -> None:
    """Help with whatever is being sent: as many of these as wanted, on as many machines."""
    with opened() as mailer:
        if as_json:
            print_json({"worker": True})
        else:
            say(mailer.translator()("This worker helps with every send. Ctrl-C stops it."))
        app.work_until_told(mailer)


def sandbox(as_json: Json = False) -> None:
    """Run the embedded provider: it speaks Postal's contract and keeps the mail here."""
    chosen = settings.load()
    path = chosen.under_workspace(chosen.sandbox.path)
    t = Translator(chosen.language, chosen.time_zone)
    url = f"http://127.0.0.1:{chosen.sandbox.http_port}"
    if as_json:
        print_json({"url": url, "api_key": chosen.sandbox.api_key, "path": str(path)})
    else:
        say(t("The sandbox keeps the mail in {path}. Ctrl-C stops it.", path=path))
        say(
            t(
                "To send through it: provider.url is {url}, the key {key}.",
                url=url,
                key=chosen.sandbox.api_key,
            )
        )
    sandboxes.run(chosen.sandbox, path)


def admin(
    address: Annotated[str, typer.Argument(help="The administrator's address.")], as_json: Json = False
) -> None:
    """Make an administrator and print the one-time link that sets the password."""
    with opened() as mailer:
        link = app.administrator_link(mailer, address)
        if as_json:
            print_json({"link": link})
        else:
            say(mailer.translator()("Open {link} to choose a password (valid for 24 hours).", link=link))


def access(
    address: Annotated[str, typer.Argument(help="The address of the account.")],
    without_factor: Annotated[
        bool, typer.Option("--without-second-factor", help="Also take a lost second factor away.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print a one-time link that sets a new password, where no mail can bring one."""
    with opened() as mailer:
        link = app.access_link(mailer, address, by=BY, without_factor=without_factor)
        if as_json:
            print_json({"link": link})
        else:
            say(mailer.translator()("Open {link} to choose a password (valid for 24 hours).", link=link))


def doctor(as_json: Json = False) -> None:
    """Check settings, database, provider, clock and workspace."""
    checks = app.examine()
    t = Translator(app.language())
    if as_json:
        print_json({"ok": all(each.ok for each in checks), "checks": [each.values(t) for each in checks]})
    else:
        rows = [("✓" if each.ok else "✗", t(each.name), each.said(t)) for each in checks]
        print_table(("", t("Check"), t("Result")), rows)
    raise typer.Exit(max((each.exit_status for each in checks), default=0))


def demo(
    serve_after: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Serve the desk afterwards.")
    ] = True,
    year: Annotated[
        bool, typer.Option("--year", help="Play a fictional year instead, under var/annee; takes minutes.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Play the whole job with an embedded provider and simulated readers, under var/demo."""
    only_warnings()
    tell = print_json if as_json else None
    if year:
        demonstration.play_year(serve=serve_after, tell=tell)
    else:
        demonstration.play(serve=serve_after, tell=tell)
