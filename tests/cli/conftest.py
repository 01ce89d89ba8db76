"""Commands as people give them, in this process: their status, what they print, and where."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from mailer.app import init_workspace
from mailer.cli.program import run


@dataclass(frozen=True, slots=True)
class Said:
    """What one command did. `out` and `err` are its standard output and standard error."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on standard output: anything else there is an error."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


Command = Callable[..., Said]


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A workspace as `mailer init` makes it, with an empty database."""
    folder = tmp_path_factory.mktemp("fresh") / "network"
    init_workspace(folder)
    (folder / "var").mkdir()
    shutil.copy(sqlite_template, folder / "var" / "mailer.db")
    return folder


@pytest.fixture
def network(fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it that the commands of this test work on; nothing of this machine's settings is seen."""
    for name in [name for name in os.environ if name.startswith("MAILER_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "network"
    shutil.copytree(fresh, folder)
    monkeypatch.setenv("MAILER_WORKSPACE", str(folder))
    monkeypatch.setenv("MAILER_LANGUAGE", "en")
    monkeypatch.setenv("COLUMNS", "80")
    return folder


@pytest.fixture
def command(network: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """`command("audience", "abonnes")` gives what the command said; logs go to standard error, as in the program."""

    def give(*arguments: str | Path) -> Said:
        capsys.readouterr()
        status = run([str(each) for each in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Said(status, out, err)

    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
    yield give
    structlog.reset_defaults()
