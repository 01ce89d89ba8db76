"""The heartbeat: APScheduler wakes, the database says what is due.

It holds no schedule of its own: a tick that is dropped, doubled or late harms nothing, because a conditional
update in the database decides who starts a send. Two processes with a heartbeat are harmless.
"""

from apscheduler.schedulers.background import BackgroundScheduler

from mailer.app.mailer import Mailer

TICK_SECONDS = 5
#: Sends that one process looks after at the same time; a tick looks after one of them.
PARALLEL_SENDS = 3


def start_heartbeat(mailer: Mailer) -> BackgroundScheduler:
    """Begin to tick in the background; `shutdown(wait=True)` lets the messages in flight conclude."""
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.add_job(
        mailer.run_due,
        "interval",
        seconds=TICK_SECONDS,
        max_instances=PARALLEL_SENDS,
        coalesce=True,
        id="run-due",
    )
    scheduler.add_job(mailer.purge, "cron", hour=3, minute=15, coalesce=True, id="purge")
    scheduler.start()
    return scheduler
