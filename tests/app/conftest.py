"""One installation in the shipped workspace, without a server."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailer.app import Mailer, create_mailer
from mailer.app.shipped import PARTS
from mailer.clock import FixedClock
from tests.conftest import REPOSITORY


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "workspace"
    root.mkdir()
    for part in PARTS:
        source = REPOSITORY / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, root / part)
    return root


@pytest.fixture
def mailer(root: Path, clock: FixedClock) -> Iterator[Mailer]:
    mailer = create_mailer(root, clock=clock)
    yield mailer
    mailer.close()
