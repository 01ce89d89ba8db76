"""Whole journeys use the program as people do: its commands, in processes of their own, over real HTTP."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mailer.demo import stage as stages
from tests.conftest import REPOSITORY
from tests.nursery import Child, Nursery

DATA = REPOSITORY / "mailer" / "demo" / "data"


@dataclass(frozen=True, slots=True)
class Program:
    """The `mailer` command in one workspace."""

    stage: stages.Stage
    nursery: Nursery

    def start(self, *arguments: str) -> Child:
        return self.nursery.mailer(*arguments, environment=self.stage.environment)

    def run(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        """The JSON that a command prints; fails unless its exit status is the expected one."""
        process = self.start(*arguments, "--json")
        assert process.wait(seconds=600) == status, f"{arguments}: {process.out} {process.err}"
        found = json.loads(process.out)
        assert isinstance(found, dict)
        return found

    @property
    def data(self) -> Path:
        return DATA


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nursery: Nursery) -> Iterator[Program]:
    """A fresh workspace with the embedded provider and the desk running beside it; leases as short as allowed."""
    monkeypatch.setenv("MAILER_LEASE_SECONDS", "30")
    stage = stages.prepare(tmp_path / "workspace")
    with stages.running(stage):
        yield Program(stage, nursery)


def import_people(program: Program, contacts: str = "contacts.csv") -> dict[str, Any]:
    """The three files in their order; gives the report of the contacts."""
    program.run("import", "organisations", str(program.data / "collectivites.csv"))
    program.run("import", "exclusions", str(program.data / "desinscrits.csv"))
    return program.run("import", "contacts", str(program.data / contacts))
