"""Reads and writes the three folders that people fill; every mistake is a Problem with file, line and remedy."""

from mailer.workspace.audience_saving import fingerprint, save_segment, segment_path, segment_text
from mailer.workspace.audience_writer import lost_comments, write_segment
from mailer.workspace.checks import check_issue
from mailer.workspace.creation import init
from mailer.workspace.editing import edit_block
from mailer.workspace.errata import draft_erratum
from mailer.workspace.event_letters import draft_letter, event_obstacles, find_letter
from mailer.workspace.event_values import with_events
from mailer.workspace.event_writer import create_event, file_values, make_event, save_event, write_event
from mailer.workspace.events import event_path
from mailer.workspace.invitations import create_campaign, invitation_campaign, invited_segment, renewed
from mailer.workspace.loading import load, load_around
from mailer.workspace.places import issue_path, nearest
from mailer.workspace.reader import read_issue
from mailer.workspace.saving import save_issue
from mailer.workspace.writer import write_issue

__all__ = [
    "check_issue",
    "create_campaign",
    "create_event",
    "draft_erratum",
    "draft_letter",
    "edit_block",
    "event_obstacles",
    "event_path",
    "file_values",
    "find_letter",
    "fingerprint",
    "init",
    "invitation_campaign",
    "invited_segment",
    "issue_path",
    "load",
    "load_around",
    "lost_comments",
    "make_event",
    "nearest",
    "read_issue",
    "renewed",
    "save_event",
    "save_issue",
    "save_segment",
    "segment_path",
    "segment_text",
    "with_events",
    "write_event",
    "write_issue",
    "write_segment",
]
