"""Signing up: what is offered, and the mail with the link, handed over as a proof is, outside every ledger.

The request is committed before anybody is answered, and its mail leaves afterwards, so that a crash forgets nobody and
the time of the answer tells nothing of the address. A mail is claimed before its first byte: it never leaves twice.
"""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from mailer import rendering, subscribing
from mailer.addresses import domain
from mailer.app.handing import Fate, hand_over
from mailer.app.topics import Topic, TopicTitles
from mailer.clock import Clock, local_date
from mailer.i18n import Translator
from mailer.model.mail import Envelope, Mailbox, Message
from mailer.model.people import SignupRequest
from mailer.providers import Outlet
from mailer.settings import Settings
from mailer.store import Store, installation, signups
from mailer.subscribing import Confirmation, Wish
from mailer.tokens import Purpose, Signer

_log = structlog.get_logger()
_AT_ONCE = 20
_AGAIN_AFTER = timedelta(minutes=5)


class Signups:
    """The sign-up form of one installation. Safe to share between threads."""

    def __init__(
        self,
        settings: Settings,
        *,
        store: Store,
        signer: Signer,
        clock: Clock,
        provider: Outlet,
        topics: TopicTitles,
    ) -> None:
        self._settings = settings
        self._store = store
        self._signer = signer
        self._clock = clock
        self._provider = provider
        self._topics = topics

    def offers(self) -> tuple[Topic, ...]:
        """What the form offers, in the order of the setting; none: nobody can sign up."""
        known = self._topics.all()
        return tuple(known[name] for name in dict.fromkeys(self._settings.signup.topics) if name in known)

    def ask(self, wish: Wish) -> None:
        """Keep a request; whoever asks too often about one address is not told."""
        chosen = self._settings.signup
        with self._store.write() as tx:
            subscribing.ask(
                tx,
                wish,
                valid=timedelta(hours=chosen.valid_hours),
                most=chosen.per_address,
                at=self._clock.now(),
            )

    def send_waiting(self) -> int:
        """Hand over the mails that wait, after a crash too; how many the provider took. Never raises for a refusal."""
        taken = 0
        with self._store.read() as tx:
            found = signups.waiting(tx, at=self._clock.now(), limit=_AT_ONCE)
        for request in found:
            taken += self._hand_over(request)
        return taken

    def find(self, token: str) -> tuple[SignupRequest, list[Topic]]:
        """The request of a link, and its topics; raises TokenError, or RefusedError once it is over."""
        with self._store.read() as tx:
            request = subscribing.get_request(tx, self._key(token), at=self._clock.now())
        return request, self._titled(request.topics)

    def confirm(self, token: str, *, shown: str, accepts_measure: bool) -> list[Topic]:
        """Subscribe whoever clicked; what they are subscribed to now."""
        at = self._clock.now()
        request, _ = self.find(token)
        confirmation = Confirmation(
            shown, accepts_measure=accepts_measure, on=local_date(at, self._settings.time_zone)
        )
        with self._store.write() as tx:
            topics = subscribing.confirm(
                tx,
                request.key,
                confirmation,
                known=self._topics(),
                erased=self._signer.erased(request.address),
                at=at,
            )
        return self._titled(topics)

    def counts(self) -> tuple[int, int]:
        """How many wait for their click, and how many clicked while their link still held."""
        with self._store.read() as tx:
            return signups.counts(tx, at=self._clock.now())

    def purge(self) -> None:
        """Drop the requests whose link is over."""
        with self._store.write() as tx:
            signups.purge(tx, at=self._clock.now())

    def _key(self, token: str) -> str:
        return self._signer.verify(Purpose.CONFIRM, token).decode("ascii", "replace")

    def _titled(self, names: Sequence[str]) -> list[Topic]:
        known = self._topics.all()
        return [known[name] for name in names if name in known]

    def _hand_over(self, request: SignupRequest) -> bool:
        """Claim, then send. A doubt is not repeated: whoever gets nothing asks once more."""
        topics = self._titled(self._claim(request))
        if not topics:
            return False
        fate = hand_over(
            self._provider,
            lambda: self._message(request, topics),
            what="confirmation mail",
            request=request.id,
        )
        if fate is Fate.AGAIN:
            with self._store.write() as tx:
                signups.put_back(tx, request.key, not_before=self._clock.now() + _AGAIN_AFTER)
        return fate is Fate.TAKEN

    def _claim(self, request: SignupRequest) -> Sequence[str]:
        """The topics that the mail is for, claimed; none in a copied database, where the request waits untouched."""
        with self._store.write() as tx:
            at = self._clock.now()
            claimed = installation.is_ours(tx, self._settings.state, at=at) and signups.take(
                tx, request.key, at=at
            )
            names = (
                subscribing.open_topics(tx, request, erased=self._signer.erased(request.address))
                if claimed
                else ()
            )
        installation.confirm(self._store, self._settings.state)
        return names

    def _message(self, request: SignupRequest, topics: Sequence[Topic]) -> Message:
        t = Translator(request.language, self._settings.time_zone)
        network = self._settings.network
        sender = topics[0]
        titles = ", ".join(t("“{text}”", text=each.title) for each in topics)
        url = self._signer.url(self._settings.base_url, Purpose.CONFIRM, request.key.encode())
        notice = rendering.Notice(
            language=request.language,
            subject=t("Confirm your subscription"),
            paragraphs=(
                t(
                    "Somebody, probably you, asked {network} to send {titles} to this address.",
                    network=network.name,
                    titles=titles,
                ),
                t(
                    "Nothing is sent before you have opened this page and pressed its button. The link holds until {until}.",
                    until=t.instant(request.expires_at),
                ),
                t("It was not you? Then do nothing: this address is forgotten."),
            ),
            label=t("Look and confirm"),
            url=url,
            foot=tuple(each for each in (network.name, network.postal_address, network.contact) if each),
        )
        key = self._signer.digest("signup", request.key.encode()).hex()[:26]
        envelope = Envelope(
            key=key,
            domain=self._settings.provider.domain or domain(sender.sender_address),
            sender=Mailbox(sender.sender_name, sender.sender_address),
            to=Mailbox("", request.address),
            reply_to=sender.reply_to,
            date=request.at,
        )
        return rendering.notice_message(notice, envelope, tag=f"signup-{key[:8]}")
