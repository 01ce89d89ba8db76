"""Signing up: nobody becomes a contact without the click, nobody who must not be written to gets the mail."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from mailer.app.signups import Signups
from mailer.app.topics import TopicTitles
from mailer.clock import FixedClock
from mailer.errors import ProviderHalt, RefusedError, TokenError
from mailer.model.mail import Message, SendResult, Status
from mailer.model.people import Contact, ExclusionReason, SignupRequest, SubscriptionState
from mailer.settings import Settings, SignupSettings
from mailer.store import Store, exclusions, installation, persons, signups
from mailer.store.subscriptions import set_state
from mailer.subscribing import Wish
from mailer.tokens import Purpose, Signer
from tests.conftest import NOW, REPOSITORY
from tests.subscribing.people import changes, consents, rows, subscriptions
from tests.subscribing.people import exclusions as excluded

ALIX = "alix@ville.example"


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


@dataclass
class Office:
    """The sign-up form, its provider, and what a person does with them."""

    signups: Signups
    provider: Provider
    store: Store
    signer: Signer
    clock: FixedClock
    state: Path

    def ask(self, *topics: str, address: str = ALIX, organisation: str = "") -> int:
        self.signups.ask(Wish(address, topics or ("newsletter",), "fr", organisation))
        return self.signups.send_waiting()

    def token(self) -> str:
        return self.provider.sent[-1].content.text.split("/s/")[1].split()[0]

    def confirm(self, *, measure: bool = False) -> list[str]:
        found = self.signups.confirm(self.token(), shown="Je veux.", accepts_measure=measure)
        return [each.name for each in found]


@pytest.fixture
def office(store: Store, signer: Signer, clock: FixedClock, tmp_path: Path) -> Office:
    for part in ("campaigns", "audiences"):
        shutil.copytree(REPOSITORY / part, tmp_path / part, ignore=shutil.ignore_patterns("*.md", "media"))
    settings = Settings(workspace=tmp_path, signup=SignupSettings(topics=["newsletter", "flash", "gone"]))
    provider = Provider()
    offered = Signups(
        settings,
        store=store,
        signer=signer,
        clock=clock,
        provider=provider,  # type: ignore[arg-type]  # only what signing up needs
        topics=TopicTitles(tmp_path),
    )
    return Office(offered, provider, store, signer, clock, settings.state)


def test_only_known_topics_are_offered_and_those_for_members_say_so(office: Office) -> None:
    assert [(each.name, each.members_only) for each in office.signups.offers()] == [
        ("newsletter", False), ("flash", True),
    ]  # fmt: skip


def test_nothing_but_the_request_is_kept_before_the_click(office: Office) -> None:
    assert office.ask() == 1
    assert (rows(office.store, Contact, "address"), subscriptions(office.store)) == ([], [])
    assert rows(office.store, SignupRequest, "address", "confirmed_at") == [(ALIX, None)]
    office.signups.find(office.token())
    assert subscriptions(office.store) == []


def test_the_click_makes_a_contact_with_its_source_and_the_proof(office: Office) -> None:
    office.ask("newsletter", "flash", organisation="Ville de <b>X</b>")
    assert office.confirm(measure=True) == ["newsletter", "flash"]
    assert rows(office.store, Contact, "address", "source", "registered_on", "language", "tracking") == [
        (ALIX, "sign-up form", NOW.date(), "fr", "granted")
    ]
    assert rows(office.store, Contact, "attributes") == [({"organisation_said": "Ville de <b>X</b>"},)]
    assert changes(office.store) == [
        ("flash", "subscribed", "sign-up form"), ("newsletter", "subscribed", "sign-up form"),
    ]  # fmt: skip
    assert consents(office.store) == [("granted", "signup-2026-11", "sign-up form")]
    with office.store.read() as tx:
        found = persons.find(tx, ALIX)
    assert found is not None
    assert found["subscription_changes"][0]["evidence"] == (
        "signup-2026-11 (fr), asked 2026-06-11 07:00 UTC, link of the mail: Je veux."
    )


def test_without_the_tick_there_is_no_answer_about_the_measure(office: Office) -> None:
    office.ask()
    office.confirm()
    assert (rows(office.store, Contact, "tracking"), consents(office.store)) == ([("unknown",)], [])


def test_a_second_click_changes_nothing(office: Office) -> None:
    office.ask()
    assert office.confirm() == office.confirm(measure=True) == ["newsletter"]
    assert (len(changes(office.store)), consents(office.store)) == (1, [])


def test_a_second_click_confirms_only_what_the_person_has_not_left_since(office: Office) -> None:
    office.ask("newsletter", "flash")
    office.confirm()
    leave(office, "flash")
    assert office.confirm() == ["newsletter"]
    leave(office, "newsletter")
    with pytest.raises(RefusedError, match="This link is over"):
        office.confirm()
    assert subscriptions(office.store) == [("flash", "unsubscribed"), ("newsletter", "unsubscribed")]


def test_a_second_click_after_leaving_everything_confirms_nothing(office: Office) -> None:
    office.ask()
    office.confirm()
    exclude(office, ExclusionReason.UNSUBSCRIBED, "*")
    with pytest.raises(RefusedError, match="This link is over"):
        office.confirm()


def test_a_link_holds_for_its_time_and_its_purpose_only(office: Office) -> None:
    office.ask()
    token = office.token()
    with pytest.raises(TokenError):
        office.signups.find(office.signer.sign(Purpose.VIEW, token.encode()))
    office.clock.advance(timedelta(hours=72))
    with pytest.raises(RefusedError):
        office.confirm()
    office.signups.purge()
    assert rows(office.store, SignupRequest, "address") == []


@pytest.mark.parametrize("scope", ["*", "newsletter"])
def test_whoever_unsubscribed_comes_back_to_what_they_confirm_only(office: Office, scope: str) -> None:
    exclude(office, ExclusionReason.UNSUBSCRIBED, scope)
    assert office.ask() == 1
    office.confirm()
    left = [(ALIX, "flash", "unsubscribed")] if scope == "*" else []
    assert (excluded(office.store), subscriptions(office.store)) == (left, [("newsletter", "subscribed")])


@pytest.mark.parametrize(
    "reason",
    [each for each in ExclusionReason if each not in {ExclusionReason.UNSUBSCRIBED, ExclusionReason.ERASED}],
)
def test_an_address_that_must_not_be_written_to_gets_no_mail(office: Office, reason: ExclusionReason) -> None:
    exclude(office, reason, "*")
    assert (office.ask(), office.provider.sent) == (0, [])


def test_an_erased_address_gets_no_mail(office: Office) -> None:
    exclude(office, ExclusionReason.ERASED, "*", address=office.signer.erased(ALIX))
    assert (office.ask(), office.provider.sent) == (0, [])


def test_whoever_left_and_was_forgotten_comes_back_to_what_they_confirm_only(office: Office) -> None:
    digest = office.signer.erased(ALIX)
    exclude(office, ExclusionReason.UNSUBSCRIBED, "*", address=digest)
    exclude(office, ExclusionReason.SOFT_BOUNCES, "flash", address=digest)
    office.ask("newsletter", "flash")
    assert office.confirm() == ["newsletter"]
    with office.store.read() as tx:
        assert digest not in exclusions.fingerprints(tx)
        assert exclusions.barred_scopes(tx, [ALIX]) == {"flash"}
        assert "newsletter" not in exclusions.unsubscribed_scopes(tx, ALIX)
        assert "flash" in exclusions.unsubscribed_scopes(tx, ALIX)


def test_an_exclusion_that_came_after_the_mail_holds_at_the_click(office: Office) -> None:
    office.ask("newsletter", "flash")
    exclude(office, ExclusionReason.BY_HAND, "newsletter")
    assert office.confirm() == ["flash"]
    exclude(office, ExclusionReason.COMPLAINT, "*")
    with pytest.raises(RefusedError):
        office.confirm()


def test_an_address_gets_three_mails_a_day_at_most(office: Office) -> None:
    assert [office.ask() for _ in range(5)] == [1, 1, 1, 0, 0]
    assert office.ask(address="bo@ville.example") == 1
    office.clock.advance(timedelta(days=1, minutes=1))
    assert office.ask() == 1


def test_a_mail_that_the_provider_refuses_for_now_is_tried_again_later(office: Office) -> None:
    office.provider.fate = ProviderHalt("no-credit", "No credit.")
    assert office.ask() == 0
    office.provider.fate = Status.ACCEPTED
    assert office.signups.send_waiting() == 0
    office.clock.advance(timedelta(minutes=6))
    assert (office.signups.send_waiting(), len(office.provider.sent)) == (1, 1)


@pytest.mark.parametrize("fate", [Status.UNKNOWN, Status.REJECTED])
def test_a_mail_in_doubt_or_refused_is_not_sent_again(office: Office, fate: Status) -> None:
    office.provider.fate = fate
    office.ask()
    office.clock.advance(timedelta(hours=1))
    office.signups.send_waiting()
    assert len(office.provider.sent) == 1


def test_an_adapter_that_breaks_stops_no_other_mail_and_its_own_is_not_sent_again(office: Office) -> None:
    office.provider.fate = KeyError(ALIX)
    with capture_logs() as told:
        assert office.ask() == 0
    assert [(each["event"], each["reason"]) for each in told] == [("confirmation mail in doubt", "KeyError")]
    assert ALIX not in str(told)
    office.provider.fate = Status.ACCEPTED
    office.clock.advance(timedelta(hours=1))
    assert office.ask(address="bo@ville.example") == 1
    assert [each.envelope.to.address for each in office.provider.sent] == ["bo@ville.example"]


def test_a_copied_database_sends_no_link(office: Office) -> None:
    office.ask()
    (office.state / installation.FILE_NAME).write_text("of-another-installation\n", "ascii")
    assert (office.ask(address="bo@ville.example"), len(office.provider.sent)) == (0, 1)
    with office.store.read() as tx:
        (waiting,) = signups.waiting(tx, at=office.clock.now(), limit=5)
    assert waiting.address == "bo@ville.example"


def test_the_first_mail_of_an_installation_marks_its_database_and_the_next_one_leaves(office: Office) -> None:
    assert not (office.state / installation.FILE_NAME).exists()
    assert office.ask() == 1
    assert (office.state / installation.FILE_NAME).exists()
    assert office.ask(address="bo@ville.example") == 1


def test_the_mail_is_written_by_a_machine_to_one_person_and_measures_nothing(office: Office) -> None:
    office.ask("newsletter", "flash")
    (message,) = office.provider.sent
    assert message.headers["Auto-Submitted"] == "auto-generated"
    assert not {"List-Id", "List-Unsubscribe", "Precedence"} & message.headers.keys()
    assert message.mime.count(b"\nTo:") == 1
    assert "<img" not in message.content.html
    assert "« La Newsletter », « Flash hebdo »" in message.content.text.replace("\xa0", " ").replace(
        "\u202f", " "
    )


def test_erasing_and_exporting_reach_the_request(office: Office) -> None:
    office.ask()
    with office.store.write() as tx:
        found = persons.find(tx, ALIX)
        assert found is not None
        assert [each["topics"] for each in found["signup_requests"]] == [["newsletter"]]
        assert persons.erase(tx, ALIX, digest=office.signer.erased, at=NOW, source="desk")
    assert rows(office.store, SignupRequest, "address") == []


def leave(office: Office, topic: str) -> None:
    """The subscription to one topic ends."""
    ((contact_id,),) = rows(office.store, Contact, "id")
    with office.store.write() as tx:
        set_state(
            tx,
            contact_id=contact_id,
            topic=topic,
            state=SubscriptionState.UNSUBSCRIBED,
            at=NOW,
            source="test",
            evidence="",
        )


def exclude(office: Office, reason: ExclusionReason, scope: str, *, address: str = ALIX) -> None:
    with office.store.write() as tx:
        exclusions.add(tx, address=address, scope=scope, reason=reason.value, at=NOW, source="test")
