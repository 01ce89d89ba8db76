"""The composition root: Settings -> Mailer, what the desk, the command line and scheduler.py may ask."""

from mailer.app.administration import access_link, administrator_link, first_administrator_link
from mailer.app.creation import create_mailer
from mailer.app.doctor import Check, examine, language
from mailer.app.heartbeat import start_heartbeat, work_until_told
from mailer.app.issues import IssueSummary
from mailer.app.mailer import Mailer
from mailer.app.preview import Preview
from mailer.app.shipped import PARTS, init_workspace, shipped_workspace

__all__ = [
    "PARTS",
    "Check",
    "IssueSummary",
    "Mailer",
    "Preview",
    "access_link",
    "administrator_link",
    "create_mailer",
    "examine",
    "first_administrator_link",
    "init_workspace",
    "language",
    "shipped_workspace",
    "start_heartbeat",
    "work_until_told",
]
