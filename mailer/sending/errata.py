"""A correction and what it corrects never cross: nobody gets the faulty copy after the erratum, or without it."""

from mailer.errors import RefusedError
from mailer.model.ledger import TAKEN, Send, SendState
from mailer.store import Tx, copies, deliveries, sends

#: While a letter is on its way, or about to be, nobody can say who will have a copy.
_MOVING = (SendState.SCHEDULED, SendState.STARTING, SendState.SENDING)


def require_rest(tx: Tx, *, campaign: str, faulty: str) -> None:
    """Before an erratum is planned: the faulty letter has left, and stands still. Raises RefusedError."""
    ref = f"{campaign}/{faulty}"
    sends.lock_issue(tx, ref)
    latest = sends.latest(tx, ref)
    if latest is not None and _may_leave(tx, latest):
        raise RefusedError(
            "{ref} is {state}: an erratum cannot be planned while it may still leave. Pause or cancel {ref} first.",
            ref=ref,
            state=latest.state,
        )
    require_copies(tx, campaign=campaign, faulty=faulty)


def _may_leave(tx: Tx, send: Send) -> bool:
    """It is about to leave, or on its way; or it rests with something that leaves at the next tick."""
    assert send.id is not None
    if send.state != SendState.SETTLING:
        return send.state in _MOVING
    counted = deliveries.counts(tx, send.id)
    return any(counted.get(state.value, 0) for state in deliveries.UNCONCLUDED)


def is_corrected(tx: Tx, send: Send) -> bool:
    """An erratum of the issue is planned or gone. Asked before anything of it leaves by itself; nobody plans one meanwhile."""
    sends.lock_issue(tx, f"{send.campaign}/{send.issue}")
    return copies.erratum_of(tx, campaign=send.campaign, issue=send.issue, states=TAKEN) is not None


def require_copies(tx: Tx, *, campaign: str, faulty: str) -> None:
    """Raise RefusedError where there is nothing to correct."""
    if not copies.count_holders(tx, campaign, faulty):
        raise RefusedError(
            "Nobody has a copy of {ref}: there is nothing to correct. Mend its file.",
            ref=f"{campaign}/{faulty}",
        )


def require_uncorrected(tx: Tx, *, campaign: str, issue: str) -> None:
    """Before copies of an issue leave by somebody's decision: no erratum of it is planned or gone. Raises RefusedError."""
    ref = f"{campaign}/{issue}"
    sends.lock_issue(tx, ref)
    erratum = copies.erratum_of(tx, campaign=campaign, issue=issue, states=TAKEN)
    if erratum is not None:
        raise RefusedError(
            "{ref} may not leave any more: its erratum {erratum} is {state}, and people would get the faulty copy after"
            " the correction. Cancel {ref} and send the mended letter to the others as a new issue, or cancel the"
            " erratum as long as it has not left.",
            ref=ref,
            erratum=f"{erratum.campaign}/{erratum.issue}",
            state=erratum.state,
        )
