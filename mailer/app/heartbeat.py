"""The heartbeat: APScheduler wakes, the database says what is due.

It holds no schedule of its own: a tick that is dropped, doubled or late harms nothing, because a conditional
update in the database decides who starts a send. Any number of processes with a heartbeat share the work: the ledger's
claims say who hands over which copies, and the shared pace keeps all of them together to the provider's rate.
"""

from contextlib import suppress

from apscheduler.schedulers.background import BackgroundScheduler

from mailer.app import undoing, uploads, webhooks
from mailer.app.mailer import Mailer
from mailer.clock import SystemClock
from mailer.errors import StoreError
from mailer.signals import listening

TICK_SECONDS = 5
#: Sends that one process looks after at the same time; a tick looks after one of them.
PARALLEL_SENDS = 3
#: How often spreadsheets that nobody confirmed are looked for.
UPLOAD_MINUTES = 10


def start_heartbeat(mailer: Mailer) -> BackgroundScheduler:
    """Begin to tick in the background, at once; `shutdown(wait=True)` lets the messages in flight conclude."""
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.add_job(
        mailer.run_due,
        "interval",
        seconds=TICK_SECONDS,
        next_run_time=SystemClock().now(),
        max_instances=PARALLEL_SENDS,
        coalesce=True,
        id="run-due",
    )
    # A job of its own: the others may be among those who wait.
    scheduler.add_job(
        _end_forgotten, "interval", seconds=TICK_SECONDS, args=[mailer], coalesce=True, id="end-forgotten"
    )
    # A job of its own: however long other programs let us wait, no send does.
    scheduler.add_job(
        webhooks.deliver_due, "interval", seconds=TICK_SECONDS, args=[mailer], coalesce=True, id="webhooks"
    )
    scheduler.add_job(
        webhooks.purge, "cron", hour=3, minute=35, args=[mailer], coalesce=True, id="forget-webhooks"
    )
    scheduler.add_job(mailer.purge, "cron", hour=3, minute=15, coalesce=True, id="purge")
    scheduler.add_job(
        _clear_uploads, "interval", minutes=UPLOAD_MINUTES, args=[mailer], coalesce=True, id="uploads"
    )
    scheduler.add_job(
        undoing.forget_old, "cron", hour=3, minute=25, args=[mailer], coalesce=True, id="forget-imports"
    )
    scheduler.start()
    return scheduler


def work_until_told(mailer: Mailer) -> None:
    """Tick until SIGINT or SIGTERM, then let the messages in flight conclude. For the main thread of a process."""
    with listening() as wait:
        scheduler = start_heartbeat(mailer)
        wait()
        mailer.stop()
        scheduler.shutdown(wait=True)


def _end_forgotten(mailer: Mailer) -> None:
    with suppress(StoreError):  # run_due says that the database is away
        mailer.store.end_forgotten()


def _clear_uploads(mailer: Mailer) -> None:
    uploads.clear(mailer.settings.state, at=mailer.clock.now())
