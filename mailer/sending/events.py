"""A letter that says when and where something happens leaves only as long as that is true."""

from collections.abc import Mapping

from mailer.errors import RefusedError
from mailer.model.ledger import Send, SendState
from mailer.store import Tx, calendar, sends

#: Why a send waits whose event has moved, was cancelled, or is gone.
MOVED = "event-moved"


def is_outdated(tx: Tx, send: Send) -> bool:
    """Whether an event that the frozen letter speaks of is no longer what it was then."""
    return _is_broken(tx, send.campaign, calendar.promised(tx, send.snapshot_id))


def _is_broken(tx: Tx, campaign: str, promised: Mapping[str, str]) -> bool:
    for slug, promise in promised.items():
        known = calendar.find(tx, campaign, slug)
        if known is None or known.promise != promise:
            return True
    return False


def hold_outdated(tx: Tx, campaign: str, slug: str) -> list[Send]:
    """What was planned with the former date is held, what is leaving with it is paused; those sends."""
    stopped = []
    for send, promised in calendar.sends_about(
        tx, campaign, slug, states=(SendState.SCHEDULED, SendState.SENDING)
    ):
        assert send.id is not None
        if _is_broken(tx, campaign, promised) and (
            hold(tx, send.id) or sends.pause_running(tx, send.id, reason=MOVED)
        ):
            stopped.append(send)
    return stopped


def hold(tx: Tx, send_id: int) -> bool:
    """It does not start; whether it was about to."""
    return sends.transition(
        tx, send_id, before=[SendState.SCHEDULED], after=SendState.HELD, pause_reason=MOVED
    )


def require_current(tx: Tx, send: Send) -> None:
    """Before a send goes on by somebody's decision. Raises RefusedError."""
    if is_outdated(tx, send):
        raise RefusedError(
            "{ref} may not go on: its event has moved, was cancelled or is gone, and people would get what is no longer"
            " true. Cancel its departure, then look at the letter and schedule it again.",
            ref=f"{send.campaign}/{send.issue}",
        )
