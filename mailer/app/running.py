"""What people ask of a letter that was scheduled: pause, resume, cancel, and decisions about what is in doubt."""

from collections.abc import Callable
from functools import partial

import structlog

from mailer import sending
from mailer.app import editions
from mailer.clock import Clock
from mailer.errors import NotFoundError
from mailer.model.ledger import Send, SendState
from mailer.sending import UNATTENDED, Answers, Sender
from mailer.settings import Settings
from mailer.store import Store, Tx, acts, sends

#: Who did what is in the ledger's acts; a log names nobody.
_log = structlog.get_logger()


class Running:
    """Acts on the latest send of an issue. Safe to share between threads."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, sender: Sender) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._sender = sender

    def latest(self, tx: Tx, ref: str) -> Send:
        """Raises NotFoundError where the issue was never scheduled, or is not there."""
        send = sends.latest(tx, ref)
        if send is None:
            editions.find(self._settings, ref)
            raise NotFoundError("{ref} was never scheduled. Schedule it first.", ref=ref)
        return send

    def unfinished(self, ref: str) -> Send | None:
        """The send of this issue that sending it now would go on with; it was confirmed when it was scheduled."""
        with self._store.read() as tx:
            send = sends.latest(tx, ref)
        going = {SendState.SCHEDULED, SendState.STARTING, SendState.SENDING, SendState.SETTLING}
        return send if send is not None and send.state in going else None

    def pause(self, ref: str, *, by: str) -> None:
        self._act(ref, sending.pause, "pause", by)

    def resume(self, ref: str, *, by: str) -> None:
        self._act(ref, sending.resume, "resume", by)

    def cancel(self, ref: str, *, by: str) -> None:
        self._act(ref, sending.cancel, "cancel", by)

    def send_again(self, ref: str, *, by: str) -> sending.SendSummary:
        """A person's decision: hand over once more what is in doubt and no news have settled; blocks like a send."""
        return self._sender.run(self.release_doubts(ref, by=by))

    def release_doubts(self, ref: str, *, by: str, answers: Answers = UNATTENDED) -> int:
        """The same decision, for the sender to carry out at its next tick; the id of the send."""
        with self._store.write() as tx:
            send = self.latest(tx, ref)
            assert send.id is not None
            count = sending.send_again(tx, send.id, by=by, at=self._clock.now(), answers=answers)
            acts.record(tx, at=self._clock.now(), by=by, act="send-again", object=ref, detail=str(count))
        _log.info("send send-again", send=send.id, count=count)
        return send.id

    def settle(self, ref: str) -> sending.SendSummary:
        """Ask the provider about what is in doubt, and see where the send stands; nothing is handed over."""
        with self._store.read() as tx:
            send = self.latest(tx, ref)
        assert send.id is not None
        return self._sender.settle(send.id)

    def give_up(self, ref: str, *, by: str, answers: Answers = UNATTENDED) -> None:
        """A person's decision: wait no longer; what is in doubt stays shown as such."""
        self._act(ref, partial(sending.give_up, answers=answers), "give-up", by)

    def _act(self, ref: str, act: Callable[..., object], name: str, by: str) -> None:
        with self._store.write() as tx:
            send = self.latest(tx, ref)
            act(tx, send.id, by=by, at=self._clock.now())
            acts.record(tx, at=self._clock.now(), by=by, act=name, object=ref)
        _log.info(f"send {name}", send=send.id)
