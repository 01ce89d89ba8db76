"""The same acts as the desk, from a terminal: every command prints for people, and with `--json` for programs.

Exit status: 0 done, 1 a problem in what was given, 2 wrong usage, 3 the provider or the database refused.
"""

from mailer.cli.program import main

__all__ = ["main"]
