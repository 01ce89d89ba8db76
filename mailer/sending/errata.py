"""A correction and what it corrects never cross: nobody gets the faulty copy after the erratum, or without it."""

from mailer.errors import RefusedError
from mailer.model.ledger import TAKEN, SendState
from mailer.store import Tx, copies, sends

#: While a letter is on its way, or about to be, nobody can say who will have a copy.
_MOVING = (SendState.SCHEDULED, SendState.STARTING, SendState.SENDING)


def require_rest(tx: Tx, *, campaign: str, faulty: str) -> None:
    """Before an erratum is planned: the faulty letter has left, and stands still. Raises RefusedError."""
    ref = f"{campaign}/{faulty}"
    sends.lock_issue(tx, ref)
    latest = sends.latest(tx, ref)
    if latest is not None and latest.state in _MOVING:
        raise RefusedError(
            "{ref} is {state}: an erratum cannot be planned while it may still leave. Pause or cancel {ref} first.",
            ref=ref,
            state=latest.state,
        )
    require_copies(tx, campaign=campaign, faulty=faulty)


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
