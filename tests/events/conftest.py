"""An installation with the shipped campaigns and one event of the mailing campaign."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailer.app import Mailer, create_mailer
from mailer.clock import FixedClock
from mailer.rendering import Confinement
from tests.conftest import Statements

VALUES = {
    "title": "Rencontre de l’eau",
    "start": "2026-09-17 09:30",
    "end": "2026-09-17 16:00",
    "place": "Salle des fêtes",
    "address": "1 rue du Pont, Albi",
    "registration": "https://agenda.reseau.example/eau",
}
REF = "mailing/rencontre-de-l-eau"
SAVE_THE_DATE = f"{REF}-save-the-date"


@pytest.fixture
def mailer(
    workspace: Path, clock: FixedClock, confinement: Confinement, statements: Statements
) -> Iterator[Mailer]:
    shutil.rmtree(workspace / "campaigns/mailing/events", ignore_errors=True)
    opened = create_mailer(workspace, clock=clock, confinement=confinement)
    statements.share(opened.store)
    yield opened
    opened.close()


@pytest.fixture
def event(mailer: Mailer) -> str:
    return mailer.events.create("mailing", VALUES, by="test")
