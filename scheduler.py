"""The scheduler process: runs what is due until SIGINT or SIGTERM.

Beside `mailer serve --no-heartbeat`, or alone where nobody uses the desk; see `mailer.app.heartbeat`.
"""

from mailer.app import create_mailer, work_until_told


def main() -> None:
    """Tick until told to stop, then let the messages in flight conclude."""
    mailer = create_mailer()
    try:
        work_until_told(mailer)
    finally:
        mailer.close()


if __name__ == "__main__":
    main()
