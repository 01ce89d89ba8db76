"""The scheduler process: APScheduler wakes, the database says what is due.

Run it beside `mailer serve --no-heartbeat`, or alone where nobody uses the desk. It holds no schedule of its own:
a tick that is dropped, doubled or late harms nothing, because a conditional update in the database decides who
starts a send. Two of these processes at once are harmless.
"""

import signal
import threading

from apscheduler.schedulers.background import BackgroundScheduler

from mailer.app import Mailer, create_mailer

TICK_SECONDS = 5
#: Sends that may run at the same time in this process; one tick looks after one of them.
PARALLEL_SENDS = 3


def start(mailer: Mailer) -> BackgroundScheduler:
    """Begin to tick in the background; `shutdown(wait=True)` lets the messages in flight conclude."""
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.add_job(
        mailer.run_due, "interval", seconds=TICK_SECONDS, max_instances=PARALLEL_SENDS, coalesce=True, id="run-due"
    )
    scheduler.add_job(mailer.purge, "cron", hour=3, minute=15, coalesce=True, id="purge")
    scheduler.start()
    return scheduler


def main() -> None:
    """Tick until SIGINT or SIGTERM, then let the messages in flight conclude."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    mailer = create_mailer()
    scheduler = start(mailer)
    stop.wait()
    mailer.stop()
    scheduler.shutdown(wait=True)
    mailer.close()


if __name__ == "__main__":
    main()
