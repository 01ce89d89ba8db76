"""Figures by mail: two days after a letter left, once to each account that asked for it and each address of `digest_to`.

A mail is claimed and committed before its first byte: whatever crashes, nobody gets it twice. Of the two promises that a crash
leaves to choose from, this is the one that every mail of this program keeps; who should have had one in doubt finds the
same figures at the desk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from mailer import rendering, reporting
from mailer.addresses import domain
from mailer.app.handing import Fate, hand_over
from mailer.clock import Clock
from mailer.errors import MailerError
from mailer.i18n import Translator
from mailer.model.ledger import Send
from mailer.model.mail import Envelope, Mailbox, Message
from mailer.providers import Outlet
from mailer.settings import Settings
from mailer.store import Store, digests, installation, snapshots
from mailer.store.digests import Chosen
from mailer.tokens import Signer

_log = structlog.get_logger()
#: When the figures of a letter are sent, and until when: who names a reader today does not get last year.
AFTER, UNTIL = timedelta(hours=48), timedelta(days=7)
_AGAIN_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Reader:
    address: str
    language: str
    has_account: bool = False


@dataclass(frozen=True, slots=True)
class Digests:
    """Those of one installation. Safe to share between threads."""

    settings: Settings
    store: Store
    signer: Signer
    clock: Clock
    provider: Outlet

    def send_due(self) -> int:
        """Hand over what is due, after a crash too; how many the provider took. Never raises for a refusal."""
        at = self.clock.now()
        with self.store.read() as tx:
            found = digests.letters(tx, since=at - UNTIL, until=at - AFTER)
            done = digests.done(tx, [each.id for each in found if each.id], at=at)
            chosen = digests.chosen(tx) if found else []
        waiting = [
            (send, name, reader)
            for send in found
            for name, reader in self._readers(send, chosen).items()
            if (send.id, name) not in done
        ]
        return sum(self._hand_over(send, name, reader) for send, name, reader in waiting)

    def _readers(self, send: Send, chosen: Sequence[Chosen]) -> dict[str, _Reader]:
        """By the fingerprint of their address: who is both, an account and an address of the setting, gets one mail."""
        named = [_Reader(each, self.settings.language) for each in self.settings.digest_to]
        asked = [
            _Reader(each.address, each.language, has_account=True)
            for each in chosen
            if each.campaign == send.campaign and each.chosen_at <= _due(send)
        ]
        return {self._fingerprint(each.address): each for each in (*named, *asked)}

    def _fingerprint(self, address: str) -> str:
        return self.signer.digest("digest", address.strip().lower().encode()).hex()[:32]

    def _hand_over(self, send: Send, name: str, reader: _Reader) -> bool:
        """Claim, then send. A doubt is not repeated."""
        assert send.id is not None
        try:
            message = self._message(send, name, reader)
        except MailerError as error:  # an address that is none: the other readers get theirs
            _log.warning("figures by mail cannot be written", send=send.id, reason=type(error).__name__)
            return False
        with self.store.write() as tx:
            at = self.clock.now()
            is_ours = installation.is_ours(tx, self.settings.state, at=at)
            if not (is_ours and digests.take(tx, send.id, name, at=at)):
                return False
        installation.confirm(self.store, self.settings.state)
        fate = hand_over(self.provider, lambda: message, what="figures by mail", send=send.id)
        if fate is Fate.AGAIN:
            with self.store.write() as tx:
                digests.put_back(tx, send.id, name, not_before=self.clock.now() + _AGAIN_AFTER)
        return fate is Fate.TAKEN

    def _message(self, send: Send, name: str, reader: _Reader) -> Message:
        assert send.id is not None
        settings, t = self.settings, Translator(reader.language, self.settings.time_zone)
        with self.store.read() as tx:
            snapshot = snapshots.get(tx, send.snapshot_id)
            report = reporting.report(tx, send.id, at=self.clock.now())
            comparison = reporting.compare(tx, send.id, zone=settings.time_zone)
        notice = rendering.Notice(
            language=t.language,
            subject=t("Two days later: {subject}", subject=report.letter.subject),
            paragraphs=reporting.sentences(report, comparison, t),
            label=t("See the report"),
            url=f"{settings.base_url}/resultats/{send.campaign}/{send.issue}",
            foot=(
                settings.network.name,
                _why(t, settings.base_url, reader),
            ),
        )
        key = self.signer.digest("digest-mail", f"{send.id}|{name}".encode()).hex()[:26]
        envelope = Envelope(
            key=key,
            domain=settings.provider.domain or domain(snapshot.sender_address),
            sender=Mailbox(snapshot.sender_name, snapshot.sender_address),
            to=Mailbox("", reader.address.strip()),
            reply_to=snapshot.reply_to or snapshot.sender_address,
            date=_due(send),
        )
        return rendering.notice_message(notice, envelope, tag=f"digest-{key[:8]}")


def _due(send: Send) -> datetime:
    return (send.handed_over_at or send.started_at or send.send_at) + AFTER


def _why(t: Translator, base_url: str, reader: _Reader) -> str:
    if reader.has_account:
        return t(
            "You get this because you asked for it. Your account is where you change that: {url}",
            url=f"{base_url}/compte",
        )
    return t("You get this because your address is in the setting digest_to of this installation.")
