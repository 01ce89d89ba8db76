"""Reads and writes the three folders that people fill; every mistake is a Problem with file, line and remedy."""

from mailer.workspace.reader import read_issue
from mailer.workspace.writer import write_issue

__all__ = ["read_issue", "write_issue"]
