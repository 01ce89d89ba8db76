"""Mails about accounts: claimed before they leave, tried again where they certainly did not, never twice in doubt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from mailer.app.account_mails import AccountMails
from mailer.app.topics import TopicTitles
from mailer.clock import FixedClock
from mailer.errors import ProviderHalt
from mailer.model.accounts import LinkPurpose, Role
from mailer.model.mail import Message, SendResult, Status
from mailer.settings import AccountsSettings, Settings
from mailer.store import Store, account_mails, accounts, administering
from mailer.tokens import Signer
from tests.conftest import NOW

ALIX = "alix@reseau.example"
LATER = timedelta(minutes=6)


@dataclass
class Provider:
    """Keeps what it is given; `fate` says what becomes of it."""

    fate: Status | Exception = Status.ACCEPTED
    sent: list[Message] = field(default_factory=list)

    def send(self, batch: Sequence[Message], *, attempt_key: UUID) -> list[SendResult]:
        if isinstance(self.fate, Exception):
            raise self.fate
        self.sent += batch
        return [SendResult(each.key, self.fate) for each in batch]


Office = Callable[..., AccountMails]


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def office(store: Store, signer: Signer, clock: FixedClock, tmp_path: Path, provider: Provider) -> Office:
    def make(sender: str = "bureau@reseau.example") -> AccountMails:
        settings = Settings(workspace=tmp_path, accounts=AccountsSettings(sender=sender))
        return AccountMails(
            settings,
            store=store,
            signer=signer,
            clock=clock,
            provider=provider,  # type: ignore[arg-type]  # only what these mails need
            topics=TopicTitles(tmp_path),
        )

    with store.write() as tx:
        accounts.create_user(tx, ALIX, role=Role.WRITER, at=NOW, language="en")
        account_mails.add(tx, ALIX, LinkPurpose.INVITATION, at=NOW)
    return make


def test_a_mail_that_was_certainly_not_taken_is_tried_again_later(
    office: Office, provider: Provider, clock: FixedClock
) -> None:
    for refusal in (ProviderHalt("credentials", "No."), Status.RETRY):
        provider.fate = refusal
        assert office().send_waiting() == 0
        assert office().send_waiting() == 0
        clock.advance(LATER)
    provider.fate, provider.sent = Status.ACCEPTED, []
    assert office().send_waiting() == 1
    assert office().send_waiting() == 0
    assert [each.envelope.to.address for each in provider.sent] == [ALIX]


def test_a_mail_in_doubt_is_not_sent_again_and_no_log_names_anybody(
    office: Office, provider: Provider, clock: FixedClock
) -> None:
    provider.fate = OSError(f"lost on the way to {ALIX}")
    with capture_logs() as logs:
        assert office().send_waiting() == 0
        clock.advance(LATER)
        provider.fate = Status.ACCEPTED
        assert office().send_waiting() == 0
    assert provider.sent == []
    assert ALIX not in str(logs)


def test_without_an_address_to_write_from_the_mail_waits(office: Office, clock: FixedClock) -> None:
    assert office(sender="").send_waiting() == 0
    clock.advance(LATER)
    assert office().send_waiting() == 1


def test_an_invitation_is_not_sent_to_whoever_has_come_in_meanwhile(
    office: Office, store: Store, provider: Provider
) -> None:
    with store.write() as tx:
        user = accounts.find_user(tx, ALIX)
        assert user is not None
        accounts.set_password(tx, user.id or 0, password_hash="hash")
    assert office().send_waiting() == 0
    assert provider.sent == []


def test_the_mail_speaks_the_language_of_the_account_and_says_until_when(
    office: Office, provider: Provider
) -> None:
    office().send_waiting()
    text = provider.sent[0].content.text
    assert "Open my account" in text
    assert "18 June 2026" in text
    assert "http://127.0.0.1:8080/premier-acces/" in text


def test_what_waited_for_a_day_is_dropped(office: Office, store: Store, clock: FixedClock) -> None:
    clock.advance(timedelta(days=1, seconds=1))
    office().purge()
    with store.read() as tx:
        assert account_mails.count_waiting(tx) == 0
        assert administering.find_any(tx, ALIX) is not None
