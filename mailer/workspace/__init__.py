"""Reads and writes the three folders that people fill; every mistake is a Problem with file, line and remedy."""

from mailer.workspace.audience_saving import fingerprint, save_segment, segment_path, segment_text
from mailer.workspace.audience_writer import lost_comments, write_segment
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
    "fingerprint",
    "init",
    "issue_path",
    "load",
    "lost_comments",
    "read_issue",
    "save_issue",
    "save_segment",
    "segment_path",
    "segment_text",
    "write_issue",
    "write_segment",
]
