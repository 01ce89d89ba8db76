"""Figures by mail: two days after a letter, once to each reader, whatever crashes in between."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from mailer.app.digests import AFTER, UNTIL, Digests
from mailer.clock import FixedClock
from mailer.errors import ProviderHalt
from mailer.model.accounts import User
from mailer.model.columns import table
from mailer.model.digests import Digest
from mailer.model.ledger import Send
from mailer.model.mail import Message, SendResult, Status
from mailer.settings import Settings
from mailer.store import Store, installation
from mailer.store import digests as stored
from mailer.tokens import Signer
from tests.reporting.sent import BEGAN, Sent
from tests.subscribing.people import rows

READER, OTHER = "communication@reseau.example", "presidence@reseau.example"


@dataclass
class Provider:
    """Keeps what it takes; `fate` says what becomes of it."""

    fate: Status | BaseException = Status.ACCEPTED
    sent: list[Message] = field(default_factory=list)

    def send(self, batch: Sequence[Message], *, attempt_key: UUID) -> list[SendResult]:
        if isinstance(self.fate, BaseException):
            raise self.fate
        self.sent += batch
        return [SendResult(each.key, self.fate) for each in batch]


@dataclass
class Office:
    digests: Digests
    provider: Provider
    clock: FixedClock
    letter: Sent


@pytest.fixture
def office(store: Store, signer: Signer, tmp_path: Path) -> Office:
    letter = Sent(store)
    letter.add(300, outcome="delivered")
    letter.opened(loaded=150, high=135, low=120)
    clock, provider = FixedClock(BEGAN + AFTER), Provider()
    settings = Settings(workspace=tmp_path, digest_to=[READER, OTHER], language="fr")
    with store.write() as tx:
        installation.is_ours(tx, settings.state, at=clock.now())
    made = Digests(settings, store, signer, clock, provider)  # type: ignore[arg-type]  # only what it needs
    return Office(made, provider, clock, letter)


def test_two_days_after_a_letter_each_reader_gets_its_figures_once(office: Office) -> None:
    office.clock.advance(timedelta(seconds=-1))
    assert office.digests.send_due() == 0
    office.clock.advance(timedelta(seconds=1))
    assert office.digests.send_due() == 2
    assert office.digests.send_due() == 0
    assert [each.envelope.to.address for each in office.provider.sent] == [READER, OTHER]


def test_the_mail_says_what_the_page_says_and_names_nobody(office: Office) -> None:
    office.digests.send_due()
    text = office.provider.sent[0].content.text.replace("\xa0", " ").replace("\u202f", " ")
    assert "45,0 % (39,5 % à 50,7 %) sur 300 copies" in text
    assert "/resultats/flash/2026-06-11" in text
    assert "ville.example" not in text


def test_a_reader_named_today_does_not_get_last_months_letters(office: Office) -> None:
    office.clock.advance(UNTIL)
    assert office.digests.send_due() == 0


def test_a_process_that_dies_after_the_claim_sends_no_second_mail(office: Office) -> None:
    office.provider.fate = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        office.digests.send_due()
    office.provider.fate = Status.ACCEPTED
    assert office.digests.send_due() == 1
    assert [each.envelope.to.address for each in office.provider.sent] == [OTHER]


@pytest.mark.parametrize("fate", [ProviderHalt("key", "Refused."), Status.RETRY])
def test_what_the_provider_did_not_take_is_tried_again_later(office: Office, fate: Any) -> None:
    office.provider.fate = fate
    assert office.digests.send_due() == 0
    office.provider.fate = Status.ACCEPTED
    assert office.digests.send_due() == 0
    office.clock.advance(timedelta(minutes=15))
    assert office.digests.send_due() == 2


@pytest.mark.parametrize("rested", [timedelta(hours=47), timedelta(days=9)])
def test_a_letter_that_rested_is_told_two_days_after_its_last_copy(office: Office, rested: timedelta) -> None:
    """In stages, say: the first fifty on Friday, the others once somebody has looked."""
    with office.digests.store.write() as tx:
        tx.execute(table(Send).update().values(handed_over_at=BEGAN + rested))
    assert office.digests.send_due() == 0
    office.clock.advance(rested)
    assert office.digests.send_due() == 2


def add_account(store: Store, address: str, *, active: bool = True, disabled: bool = False) -> int:
    values = {"address": address, "name": "", "role": "reader", "language": "en", "created_at": BEGAN}
    values |= {"password_hash": "x" if active else "", "disabled_at": BEGAN if disabled else None}
    with store.write() as tx:
        made = tx.execute(table(User).insert().values(**values))
    [key] = made.inserted_primary_key or ()
    return int(key)


def choose(store: Store, user_id: int, *campaigns: str, at: datetime = BEGAN) -> None:
    with store.write() as tx:
        stored.choose(tx, user_id, campaigns, at=at)


@pytest.fixture
def without_setting(office: Office) -> Office:
    settings = office.digests.settings.model_copy(update={"digest_to": []})
    office.digests = replace(office.digests, settings=settings)
    return office


def test_an_account_that_asked_for_a_campaign_gets_its_figures_in_its_language(
    without_setting: Office, store: Store
) -> None:
    choose(store, add_account(store, READER), "flash")
    choose(store, add_account(store, OTHER), "newsletter")
    assert (without_setting.digests.send_due(), without_setting.digests.send_due()) == (1, 0)
    [mail] = without_setting.provider.sent
    assert mail.envelope.to.address == READER
    assert "Two days later: " in mail.content.subject
    assert "/compte" in mail.content.text


@pytest.mark.parametrize("state", [{"active": False}, {"disabled": True}])
def test_an_account_that_nobody_uses_gets_nothing(
    without_setting: Office, store: Store, state: dict[str, bool]
) -> None:
    choose(store, add_account(store, READER, **state), "flash")
    assert without_setting.digests.send_due() == 0


def test_who_asks_today_does_not_get_what_was_due_before(without_setting: Office, store: Store) -> None:
    user_id = add_account(store, READER)
    without_setting.clock.advance(timedelta(seconds=1))
    choose(store, user_id, "flash", at=without_setting.clock.now())
    assert without_setting.digests.send_due() == 0


def test_asking_again_keeps_its_day_and_asking_no_more_ends_it(without_setting: Office, store: Store) -> None:
    user_id = add_account(store, READER)
    choose(store, user_id, "flash", "newsletter")
    choose(store, user_id, "flash", at=BEGAN + UNTIL)
    with store.read() as tx:
        assert stored.choices(tx, user_id) == {"flash"}
    assert without_setting.digests.send_due() == 1
    choose(store, user_id)
    with store.read() as tx:
        assert stored.choices(tx, user_id) == set()


def test_an_account_whose_address_is_in_the_setting_gets_one_mail(office: Office, store: Store) -> None:
    choose(store, add_account(store, READER.upper()), "flash")
    assert office.digests.send_due() == 2


def test_nobody_named_nobody_told(office: Office) -> None:
    settings = office.digests.settings.model_copy(update={"digest_to": []})
    assert replace(office.digests, settings=settings).send_due() == 0


def test_no_address_is_kept(office: Office, store: Store) -> None:
    office.digests.send_due()
    kept = rows(store, Digest, "reader")
    assert len(kept) == 2
    assert not any("@" in reader for (reader,) in kept)


@pytest.mark.parametrize("wrong", ["pas une adresse", "léa@reseau.example", ""])
def test_an_address_that_is_none_silences_nobody_after_it(office: Office, wrong: str) -> None:
    settings = office.digests.settings.model_copy(update={"digest_to": [wrong, READER]})
    assert replace(office.digests, settings=settings).send_due() == 1
    assert [each.envelope.to.address for each in office.provider.sent] == [READER]
