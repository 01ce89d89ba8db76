"""Mails about accounts: an invitation, the link for a lost password. Handed over as a sign-up mail is, outside every ledger.

What is asked for is committed first and answered at once, for unknown addresses too; whether there is such an account is
looked up when its mail leaves, so that neither the answer nor its time tells. The link is drawn at that moment: only
its digest is ever kept.
"""

from datetime import timedelta

import structlog

from mailer import rendering
from mailer.addresses import domain
from mailer.app.handing import Fate, hand_over
from mailer.app.topics import TopicTitles
from mailer.clock import Clock
from mailer.errors import ProviderHalt
from mailer.i18n import Translator
from mailer.model.accounts import AccountMail, LinkPurpose, User
from mailer.model.mail import Envelope, Mailbox, Message
from mailer.providers import Outlet
from mailer.settings import Settings
from mailer.store import Store, account_mails, accounts, installation
from mailer.tokens import Signer

_log = structlog.get_logger()
_AT_ONCE = 20
_AGAIN_AFTER = timedelta(minutes=5)
#: A mail that could not leave for so long is not wanted any more.
_KEPT = timedelta(days=1)


class AccountMails:
    """What the desk writes to its own users. Safe to share between threads."""

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

    def ask_reset(self, address: str) -> None:
        """Keep the wish for a new password, whosever address it is."""
        with self._store.write() as tx:
            account_mails.add(tx, address, LinkPurpose.RESET, at=self._clock.now())

    def send_waiting(self) -> int:
        """Hand over the mails that wait, after a crash too; how many the provider took. Never raises for a refusal."""
        with self._store.read() as tx:
            found = account_mails.waiting(tx, at=self._clock.now(), limit=_AT_ONCE)
        return sum(self._hand_over(each) for each in found)

    def purge(self) -> None:
        """Drop what nobody waits for any more."""
        with self._store.write() as tx:
            account_mails.purge(tx, before=self._clock.now() - _KEPT)

    def _hand_over(self, mail: AccountMail) -> bool:
        """Claim, then send. A doubt is not repeated: whoever gets nothing asks once more."""
        claimed = self._claim(mail)
        if claimed is None:
            return False
        user, token = claimed
        fate = hand_over(
            self._provider, lambda: self._message(mail, user, token), what="account mail", mail=mail.id
        )
        if fate is Fate.AGAIN:
            with self._store.write() as tx:
                account_mails.put_back(tx, _id(mail.id), not_before=self._clock.now() + _AGAIN_AFTER)
        elif fate is not Fate.IN_DOUBT:
            with self._store.write() as tx:
                account_mails.drop(tx, _id(mail.id))
        return fate is Fate.TAKEN

    def _claim(self, mail: AccountMail) -> tuple[User, str] | None:
        """The account and its new link; None if there is none, somebody was faster, or the database is a copy."""
        at, found = self._clock.now(), None
        with self._store.write() as tx:
            if installation.is_ours(tx, self._settings.state, at=at) and account_mails.take(
                tx, _id(mail.id), at=at
            ):
                purpose = LinkPurpose(mail.purpose)
                user = accounts.find_user(tx, mail.address)
                if user is None or not _is_wanted(purpose, user):
                    account_mails.drop(tx, _id(mail.id))
                else:
                    if purpose is LinkPurpose.INVITATION:
                        accounts.drop_links(tx, _id(user.id), purpose)
                    found = user, accounts.create_link(tx, _id(user.id), at=at, purpose=purpose)
        installation.confirm(self._store, self._settings.state)
        return found

    def _message(self, mail: AccountMail, user: User, token: str) -> Message:
        t = Translator(user.language, self._settings.time_zone)
        network = self._settings.network
        url = f"{self._settings.base_url}/premier-acces/{token}"
        until = t.instant(self._clock.now() + accounts.LIFETIMES[LinkPurpose(mail.purpose)])
        subject, paragraphs, label = _WORDS[LinkPurpose(mail.purpose)](t, network.name, until)
        notice = rendering.Notice(
            language=user.language,
            subject=subject,
            paragraphs=paragraphs,
            label=label,
            url=url,
            foot=tuple(each for each in (network.name, network.postal_address, network.contact) if each),
        )
        sender = self._sender()
        key = self._signer.digest("account-mail", f"{mail.id}|{token}".encode()).hex()[:26]
        envelope = Envelope(
            key=key,
            domain=self._settings.provider.domain or domain(sender.address),
            sender=sender,
            to=Mailbox("", user.address),
            reply_to=network.contact,
            date=self._clock.now(),
        )
        return rendering.notice_message(notice, envelope, tag=f"account-{key[:8]}")

    def _sender(self) -> Mailbox:
        """The address of the setting, else that of the first campaign: the provider knows it already."""
        chosen = self._settings.accounts.sender
        if not chosen:
            known = [each.sender_address for each in self._topics.all().values() if each.sender_address]
            chosen = known[0] if known else self._settings.network.contact
        if not chosen:
            raise ProviderHalt(
                "no-sender",
                "Setting accounts.sender: no address is known that mails about accounts could come from.",
            )
        return Mailbox(self._settings.network.name, chosen)


def _is_wanted(purpose: LinkPurpose, user: User) -> bool:
    """An invitation is over once its person has come in; who comes by single sign-on alone has no password to lose."""
    if purpose is LinkPurpose.RESET:
        return bool(user.password_hash or not user.subject)
    return not (user.password_hash or user.subject)


def _reset(t: Translator, network: str, until: str) -> tuple[str, tuple[str, ...], str]:
    return (
        t("A new password for the desk"),
        (
            t("Somebody, probably you, asked for a new password for your account at {network}.", network=network),
            t("The link works once, until {until}. Until it is used, the present password holds.", until=until),
            t("It was not you? Then do nothing: nothing is changed."),
        ),
        t("Choose a password"),
    )  # fmt: skip


def _invitation(t: Translator, network: str, until: str) -> tuple[str, tuple[str, ...], str]:
    return (
        t("You are invited to the desk of {network}", network=network),
        (
            t("{network} writes its letters with Relais, and opens an account for you there.", network=network),
            t("The link works once, until {until}: it lets you choose a password.", until=until),
        ),
        t("Open my account"),
    )  # fmt: skip


_WORDS = {LinkPurpose.RESET: _reset, LinkPurpose.INVITATION: _invitation}


def _id(value: int | None) -> int:
    assert value is not None
    return value
