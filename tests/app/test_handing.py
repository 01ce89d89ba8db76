"""A mail outside of every ledger: what its answer means for whoever asked for it."""

import pytest

from mailer.app.handing import Fate, hand_over
from mailer.model.mail import SendResult, Status
from tests.providers.contract import some_messages
from tests.sending.scripted import Scripted


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        (Status.ACCEPTED, Fate.TAKEN),
        (Status.REJECTED, Fate.NOT_TAKEN),
        (Status.RETRY, Fate.AGAIN),
        (Status.NOT_TRIED, Fate.AGAIN),  # its server asked for a pause, and the adapter keeps to it
    ],
)
def test_what_an_answer_means(status: Status, fate: Fate) -> None:
    [message] = some_messages(1)
    assert hand_over(Scripted(otherwise=SendResult("", status)), lambda: message, what="proof") is fate
