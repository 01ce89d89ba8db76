"""The embedded provider on the moved clock: `python -m mailer.demo.year.provider CLOCK-FILE`, a process of its own."""

import sys
from pathlib import Path

from mailer import sandbox, settings
from mailer.demo.year.moving import MovedClock


def main() -> None:
    """Until SIGTERM; the settings are those of the environment."""
    chosen = settings.load()
    clock = MovedClock(Path(sys.argv[1]))
    sandbox.run(chosen.sandbox, chosen.under_workspace(chosen.sandbox.path), clock=clock)


if __name__ == "__main__":
    main()
