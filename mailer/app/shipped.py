"""The workspace that ships with the program: the repository's own folders, or their copy inside the package."""

from pathlib import Path

import mailer
from mailer import workspace

#: The folders and file that make a workspace.
PARTS = ("templates", "audiences", "campaigns", "mailer.toml")


def shipped_workspace() -> Path:
    """Where the example workspace is: beside the package in a checkout, inside it once installed."""
    package = Path(mailer.__file__).parent
    checkout = package.parent
    return checkout if (checkout / "templates" / "theme.toml").is_file() else package / "_workspace"


def init_workspace(directory: Path) -> list[Path]:
    """A new workspace in a folder; raises RefusedError where there is one already."""
    return workspace.init(directory, shipped_workspace())
