"""The house of the year: its folder, the moved clock, the provider as a process of its own, the desk in this one."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mailer import web
from mailer.app import Mailer, create_mailer
from mailer.demo.stage import Stage, ending_at_sigterm, furnish, process, set_up, wait_for_provider
from mailer.demo.year import writing
from mailer.demo.year.calendar import Departure, Size, departures, instant
from mailer.demo.year.logbook import Logbook
from mailer.demo.year.moving import MovedClock

#: The last word of the logbook of a year that was played to its end.
END = "end"
_BEGINNING = "beginning"
_SETTINGS = {
    "MAILER_NETWORK__NAME": "Réseau des territoires solidaires (année SIMULÉE)",
    "MAILER_PROVIDER__RATE": "5000/s",
    "MAILER_PROVIDER__THREADS": "24",
    # A server of Postal may report failures alone: news of every delivery would take longer than the year.
    "MAILER_SANDBOX__WEBHOOK_EVENTS": '["MessageDeliveryFailed", "MessageBounced", "MessageHeld"]',
}


@dataclass(frozen=True, slots=True)
class House:
    """Where one year is played, and with what."""

    mailer: Mailer
    stage: Stage
    clock: MovedClock
    book: Logbook
    size: Size
    story: writing.Story

    @property
    def letters(self) -> list[Departure]:
        return departures(self.size)

    @property
    def people(self) -> Path:
        return self.stage.folder / "var" / "people"


@contextmanager
def opened(folder: Path, size: Size, *, first: Departure) -> Iterator[House]:
    """The house, with everything running, until the end of the block: the one that was left, or a new one."""
    book = _book(folder, size)
    story = writing.load_story()
    stage = set_up(folder)
    stage = replace(stage, environment={**stage.environment, **_SETTINGS})
    file = folder / "var" / "clock"
    clock = MovedClock(file)
    clock.put(instant(first.on, 0))
    with (
        ending_at_sigterm(),
        _environment(stage.environment),
        process(stage, "mailer.demo.year.provider", str(file), log="provider"),
    ):
        wait_for_provider(stage)
        mailer = create_mailer(folder, clock=clock)
        try:
            with web.beside(mailer, web.listen("127.0.0.1", urlsplit(stage.base_url).port or 0)):
                yield House(mailer, stage, clock, book, size, story)
        finally:
            mailer.close()


def _book(folder: Path, size: Size) -> Logbook:
    """That of a year of the same size which was interrupted; else everything is made anew."""
    path = folder / "var" / "played.jsonl"
    book = Logbook.load(path)
    asked: Mapping[str, Any] = {"step": _BEGINNING, "size": repr(size)}
    if book.entries.get(_BEGINNING) == asked and END not in book:
        return book
    furnish(folder)
    writing.write_workspace(folder, writing.load_story(), departures(size))
    shutil.rmtree(folder / "var", ignore_errors=True)
    (folder / "var").mkdir()
    writing.write_people(folder / "var" / "people", people=size.people)
    book = Logbook(path)
    book.write(_BEGINNING, {"size": repr(size)})
    return book


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
