"""One installation in the shipped workspace, without a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailer.app import Mailer, create_mailer
from mailer.clock import FixedClock
from mailer.rendering import Confinement
from tests.conftest import Statements


@pytest.fixture
def root(workspace: Path) -> Path:
    return workspace


@pytest.fixture
def mailer(
    root: Path, clock: FixedClock, confinement: Confinement, statements: Statements
) -> Iterator[Mailer]:
    mailer = create_mailer(root, clock=clock, confinement=confinement)
    statements.share(mailer.store)
    yield mailer
    mailer.close()
