"""What only a person decides: doubts that no news will settle are sent again, or given up.

A provider of class B' reports every mail it took with our key; what is still in doubt when its news have come was most
likely never handed over. Most likely is not surely: so it is a person's decision, recorded as an accepted risk.
"""

from datetime import datetime

from mailer.errors import RefusedError, UnconfirmedError
from mailer.model.ledger import DeliveryState, SendState
from mailer.sending.asking import UNATTENDED, Answers
from mailer.sending.errata import require_uncorrected
from mailer.sending.events import require_current
from mailer.sending.settling import untie
from mailer.store import Tx, deliveries, guards, sends


def send_again(tx: Tx, send_id: int, *, by: str, at: datetime, answers: Answers = UNATTENDED) -> int:
    """Let every doubtful delivery of this send be handed over once more, with the same key and bytes; how many.

    Whoever is asked types how many they are: UnconfirmedError for any other number.

    The doubt sticks (R4): whatever comes of it, the row is never reported as "not sent". Raises RefusedError when
    nothing is in doubt, when the send is paused or has ended and its anonymous secret is gone, when an erratum of it
    is planned or gone, or when its event has changed.
    """
    del by, at
    send = sends.get(tx, send_id)
    require_uncorrected(tx, campaign=send.campaign, issue=send.issue)
    require_current(tx, send)
    # Before its deliveries, as everybody does: whoever gives up at the same time is seen, or sees us.
    guards.lock_send(tx, send_id, exclusive=True)
    send = sends.get(tx, send_id)
    ref = f"{send.campaign}/{send.issue}"
    if send.state not in {SendState.SENDING, SendState.SETTLING}:
        raise RefusedError("{ref} is {state}: this cannot be done now.", ref=ref, state=send.state)
    released = deliveries.release_doubts(tx, send_id)
    if not released:
        raise RefusedError("Nothing of {ref} is in doubt.", ref=ref)
    _require_number(released, answers)
    sends.transition(tx, send_id, before=[SendState.SETTLING], after=SendState.SENDING)
    return released


def give_up(tx: Tx, send_id: int, *, by: str, at: datetime, answers: Answers = UNATTENDED) -> int:
    """Wait no longer for news: the send is done, and its doubts stay shown as such; how many.

    News that come later are still written down. Raises RefusedError where nothing is in doubt, or something is still
    to be handed over; UnconfirmedError for another number than that of the doubts.
    """
    del by
    guards.lock_send(tx, send_id, exclusive=True)
    send = sends.get(tx, send_id)
    ref = f"{send.campaign}/{send.issue}"
    if send.state != SendState.SETTLING:
        raise RefusedError("{ref} is {state}: this cannot be done now.", ref=ref, state=send.state)
    counted = deliveries.counts(tx, send_id)
    if any(counted.get(each.value) for each in deliveries.UNCONCLUDED):
        raise RefusedError(
            "Copies of {ref} are still to be handed over: what is in doubt can be given up once they have left.",
            ref=ref,
        )
    doubts = counted.get(DeliveryState.IN_DOUBT.value, 0)
    if not doubts:
        raise RefusedError("Nothing of {ref} is in doubt.", ref=ref)
    _require_number(doubts, answers)
    sends.transition(tx, send_id, before=[SendState.SETTLING], after=SendState.DONE, ended_at=at)
    untie(tx, send)
    return doubts


def _require_number(doubts: int, answers: Answers) -> None:
    """Raised in the transaction that decides, so that the number is the one at that moment and nothing is changed."""
    is_missing = answers.attended and answers.recipients is None
    if is_missing or answers.recipients not in {None, doubts}:
        raise UnconfirmedError(
            "The copies in doubt are {count} in number. Type this number by hand; nothing was changed.",
            wanted="doubts",
            count=doubts,
        )
