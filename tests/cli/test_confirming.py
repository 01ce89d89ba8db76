"""A departure asks on a terminal, holds a script to the number it gives, and asks it nothing else."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import typer

from mailer.app import create_mailer
from mailer.cli import confirming
from mailer.model.columns import table
from mailer.model.ledger import Send
from tests.cli.conftest import Command

REF = "newsletter/2026-06"
AT = ("--at", "2030-06-11 09:00")
HEADER = "Courriel;Newsletter"


@pytest.fixture
def people(network: Path, command: Command) -> Callable[[int], None]:
    """So many subscribers of the newsletter."""

    def import_them(count: int) -> None:
        path = network / "people.csv"
        lines = [f"p{n}@ville.example;oui" for n in range(count)]
        path.write_text("\n".join([HEADER, *lines]) + "\n", "utf-8")
        assert command("import", "contacts", str(path)).status == 0

    return import_them


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirming, "_is_attended", lambda *, as_json: not as_json)


def typing(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: answer)


def test_a_script_is_not_asked(command: Command, people: Callable[[int], None]) -> None:
    people(501)
    assert command("schedule", REF, *AT, "--json").json["state"] == "scheduled"


def test_a_script_that_gives_a_number_is_held_to_it(command: Command, people: Callable[[int], None]) -> None:
    people(3)
    refused = command("schedule", REF, *AT, "--recipients", "4", "--json")
    assert (refused.status, "--recipients 3" in refused.json["error"]) == (1, True)
    assert command("status", "--json").json["issues"] == []
    assert command("schedule", REF, *AT, "--recipients", "3", "--json").status == 0


def test_a_send_that_goes_on_takes_the_same_number(command: Command, people: Callable[[int], None]) -> None:
    people(3)
    assert command("schedule", REF, *AT).status == 0
    assert command("send", REF, "--recipients", "4", "--json").status == 1
    sent = command("send", REF, "--recipients", "3", "--json")
    assert (sent.status, sent.json["accepted"]) == (0, 3)


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(("typed", "status"), [("501", 0), ("5 01", 0), ("", 1), ("500", 1)])
def test_on_a_terminal_the_number_is_typed(
    command: Command, people: Callable[[int], None], monkeypatch: pytest.MonkeyPatch, typed: str, status: int
) -> None:
    people(501)
    typing(monkeypatch, typed)
    said = command("schedule", REF, *AT)
    assert "This letter goes to 501 people." in said.out
    assert said.status == status
    assert ("--recipients 501" in said.err) == bool(status)


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("options", [(), ("--confirm-moved",)])
def test_on_a_terminal_a_moved_audience_is_confirmed(
    network: Path,
    command: Command,
    people: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
) -> None:
    people(3)
    assert command("send", REF, "--json").status == 0
    _a_month_ago(network)
    people(5)
    asked: list[str] = []
    monkeypatch.setattr(typer, "confirm", lambda text: asked.append(text))
    said = command("schedule", _next_issue(network), *AT, *options)
    if options:
        assert (said.status, asked) == (0, [])
    else:
        assert (said.status, asked) == (1, ["Is this meant?"])
        assert "2 arrivals, 0 departures since no. " in said.out
        assert "--confirm-moved" in said.err


def _next_issue(network: Path) -> str:
    text = (network / "campaigns" / f"{REF}.md").read_text("utf-8")
    (network / "campaigns/newsletter/2026-07.md").write_text(
        "".join(line for line in text.splitlines(keepends=True) if not line.startswith("number:")), "utf-8"
    )
    return "newsletter/2026-07"


def _a_month_ago(network: Path) -> None:
    """The day of the last send is free again."""
    mailer = create_mailer(network)
    try:
        with mailer.store.write() as tx:
            sends = table(Send)
            earlier = mailer.clock.now() - timedelta(days=30)
            tx.execute(sends.update().values(slot="newsletter:before", ended_at=earlier))
    finally:
        mailer.close()
