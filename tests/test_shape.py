"""The shape of the house: what decays first is what nobody checks."""

import ast
from pathlib import Path

import pytest
from pydantic import BaseModel

from mailer.cli.program import program
from mailer.settings import Settings
from tests.conftest import REPOSITORY

MODULES = [*sorted((REPOSITORY / "mailer").rglob("*.py")), REPOSITORY / "scheduler.py"]
WRITTEN = [path for path in MODULES if "versions" not in path.parts]
#: Files that may be longer than 500 lines, with the reason.
LONG: dict[str, str] = {}


def test_no_file_grows_past_500_lines() -> None:
    long = {str(path.relative_to(REPOSITORY)): _lines(path) for path in WRITTEN if _lines(path) > 500}
    assert set(long) == set(LONG), long


def test_every_module_says_its_subject() -> None:
    silent = [str(path) for path in WRITTEN if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []


def test_the_scheduler_process_stays_small() -> None:
    assert _lines(REPOSITORY / "scheduler.py") <= 60


@pytest.mark.parametrize("name", sorted(command.name or "" for command in program.registered_commands))
def test_every_command_is_documented(name: str) -> None:
    assert f"`mailer {name}" in (REPOSITORY / "docs/reference/commands.md").read_text("utf-8")


def test_every_setting_is_documented() -> None:
    page = (REPOSITORY / "docs/reference/settings.md").read_text("utf-8")
    missing = [name for name in _setting_names(Settings) if f"`{name}`" not in page]
    assert missing == []


def test_every_dependency_has_its_sentence() -> None:
    import tomllib

    page = (REPOSITORY / "docs/dependencies.md").read_text("utf-8")
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = [text.split(">")[0].split("[")[0] for text in wanted]
    assert [name for name in names if f"`{name}`" not in page] == []


def test_lock_files_carry_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "tests/rendering/oracle/package-lock.json"):
        assert "://" not in (REPOSITORY / name).read_text("utf-8")


def _lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def _setting_names(model: type[BaseModel], prefix: str = "") -> list[str]:
    names = []
    for name, field in model.model_fields.items():
        nested = field.annotation
        if isinstance(nested, type) and issubclass(nested, BaseModel):
            names += _setting_names(nested, f"{prefix}{name}.")
        else:
            names.append(prefix + name)
    return names
