"""The scheduler process: runs what is due until SIGINT or SIGTERM.

Beside `mailer serve --no-heartbeat`, or alone where nobody uses the desk; see `mailer.app.heartbeat`.
"""

import signal
import threading

from mailer.app import create_mailer, start_heartbeat


def main() -> None:
    """Tick until told to stop, then let the messages in flight conclude."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    mailer = create_mailer()
    scheduler = start_heartbeat(mailer)
    stop.wait()
    mailer.stop()
    scheduler.shutdown(wait=True)
    mailer.close()


if __name__ == "__main__":
    main()
