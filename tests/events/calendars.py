"""The calendar file of the event as its lines read, and where the event moves to."""

from mailer.app import Mailer
from mailer.app.calendar_files import calendar_file
from tests.events.conftest import REF

MOVED = {"start": "2026-09-24 09:30", "end": "2026-09-24 16:00"}


def calendar(mailer: Mailer) -> str:
    body = calendar_file(mailer.settings, mailer.store, mailer.signer, REF).body.decode()
    return body.replace("\r\n ", "").replace("\r\n", "\n")
