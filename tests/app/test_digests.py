"""Figures by mail: two days after a letter, once to each reader, whatever crashes in between."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from mailer.app.digests import AFTER, UNTIL, Digests
from mailer.clock import FixedClock
from mailer.errors import ProviderHalt
from mailer.model.digests import Digest
from mailer.model.mail import Message, SendResult, Status
from mailer.settings import Settings
from mailer.store import Store, installation
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
