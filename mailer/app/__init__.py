"""The composition root: Settings -> Mailer, what the desk, the command line and scheduler.py may ask."""

from mailer.app.creation import create_mailer
from mailer.app.heartbeat import start_heartbeat
from mailer.app.issues import IssueSummary
from mailer.app.mailer import Mailer
from mailer.app.preview import Preview

__all__ = ["IssueSummary", "Mailer", "Preview", "create_mailer", "start_heartbeat"]
