"""Reads and writes the three folders that people fill; every mistake is a Problem with file, line and remedy."""

from mailer.workspace.checks import check_issue
from mailer.workspace.creation import init
from mailer.workspace.editing import edit_block
from mailer.workspace.errata import draft_erratum
from mailer.workspace.loading import load
from mailer.workspace.places import issue_path
from mailer.workspace.reader import read_issue
from mailer.workspace.saving import save_issue
from mailer.workspace.writer import write_issue

__all__ = [
    "check_issue",
    "draft_erratum",
    "edit_block",
    "init",
    "issue_path",
    "load",
    "read_issue",
    "save_issue",
    "write_issue",
]
