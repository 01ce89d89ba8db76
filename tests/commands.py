"""The programs of the project as functions, for a process by fork: importing this imports all that they need."""

import runpy
import sys

from mailer.cli import main
from tests.conftest import REPOSITORY


def mailer(*arguments: str) -> None:
    """`mailer …`."""
    sys.argv = ["mailer", *arguments]
    main()


def scheduler() -> None:
    """`python scheduler.py`."""
    sys.argv = ["scheduler.py"]
    runpy.run_path(str(REPOSITORY / "scheduler.py"), run_name="__main__")
