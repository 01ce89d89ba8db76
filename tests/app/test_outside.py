"""What was seen outside becomes problems of the issue, in its block, until the answer is too old."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mailer.app.outside import Outside
from mailer.clock import FixedClock
from mailer.errors import Severity
from mailer.lookups.net import Net, NoSuchName, Silence
from mailer.model.lookups import LINK, DomainState, LinkState, Proof
from mailer.model.workspace import Block, Campaign, Compiled, Issue, Templates
from mailer.settings import Settings
from mailer.store import Store, lookups

ONE, TWO = "https://un.fr/a", "https://deux.fr/b"
CAMPAIGN = Campaign(
    "flash", "Flash", Path("campaigns/flash/campaign.toml"), "flash", "all", "flash", "N", "lettre@reseau.fr"
)
ISSUE = Issue(
    "flash",
    "47",
    Path("campaigns/flash/47.md"),
    "Objet",
    blocks=(
        Block("text", {}, f"[Un]({ONE})", line=5),
        Block("button", {"link": TWO, "label": "Deux"}, line=9),
    ),
)
COMPILED = Compiled("flash", "47", "Objet", "", "", "", links=(ONE, TWO))
TEMPLATES = Templates(Path(), {}, {}, {})


@pytest.fixture
def outside(sqlite_store: Store, clock: FixedClock) -> Outside:
    return Outside(Settings(), sqlite_store, clock)


def _know(store: Store, at: datetime, **states: tuple[str, str]) -> None:
    with store.write() as tx:
        urls = {"one": ONE, "two": TWO}
        lookups.record(tx, kind=LINK, seen={urls[name]: each for name, each in states.items()}, at=at)


def _codes(outside: Outside) -> list[str]:
    return [each.code for each in outside.problems(COMPILED, CAMPAIGN, ISSUE, TEMPLATES)]


def test_a_dead_link_stops_the_issue_and_leads_to_its_block(
    outside: Outside, sqlite_store: Store, clock: FixedClock
) -> None:
    _know(sqlite_store, clock.now(), one=(LinkState.FINE, ""), two=(LinkState.DEAD, "404"))
    found = outside.problems(COMPILED, CAMPAIGN, ISSUE, TEMPLATES)
    assert [(each.code, each.severity, each.line, each.block, each.field) for each in found] == [
        ("dead-link", Severity.BLOCKING, 9, 2, "link")
    ]
    assert outside.looked_at(COMPILED) == clock.now()


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (LinkState.MOVED, "redirected-link"),
        (LinkState.ODD, "doubtful-link"),
        (LinkState.SILENT, "unchecked-link"),
        (LinkState.PRIVATE, "private-link"),
        (LinkState.UNFIT, "unfit-link"),
        (LinkState.CERTIFICATE, "certificate-link"),
        (LinkState.RESERVED, "example-link"),
    ],
)
def test_anything_but_a_dead_link_is_a_warning(
    outside: Outside, sqlite_store: Store, clock: FixedClock, state: LinkState, code: str
) -> None:
    _know(sqlite_store, clock.now(), one=(state, "x"), two=(LinkState.FINE, ""))
    found = outside.problems(COMPILED, CAMPAIGN, ISSUE, TEMPLATES)
    assert [(each.code, each.severity, each.block) for each in found] == [(code, Severity.WARNING, 1)]


def test_without_a_network_one_warning_says_so(
    outside: Outside, sqlite_store: Store, clock: FixedClock
) -> None:
    _know(sqlite_store, clock.now(), one=(LinkState.SILENT, ""), two=(LinkState.SILENT, ""))
    assert _codes(outside) == ["links-unchecked"]


def test_an_old_answer_tells_nothing(outside: Outside, sqlite_store: Store, clock: FixedClock) -> None:
    _know(sqlite_store, clock.now() - timedelta(days=8), one=(LinkState.DEAD, "404"))
    assert _codes(outside) == []
    assert outside.looked_at(COMPILED) is None


def test_a_new_answer_takes_the_place_of_the_old(
    outside: Outside, sqlite_store: Store, clock: FixedClock
) -> None:
    _know(sqlite_store, clock.now(), one=(LinkState.DEAD, "404"))
    _know(sqlite_store, clock.now(), one=(LinkState.FINE, ""))
    assert _codes(outside) == []
    assert outside.looked_at(COMPILED) is None  # the other one was not looked at


@pytest.mark.parametrize(
    ("proof", "state", "code"),
    [
        (Proof.SPF, DomainState.MISSING, "no-spf"),
        (Proof.SPF, DomainState.MANY, "many-spf"),
        (Proof.DKIM, DomainState.MISSING, "no-dkim"),
        (Proof.DMARC, DomainState.MISSING, "no-dmarc"),
    ],
)
def test_what_the_sender_lacks_is_a_warning_at_its_file(
    outside: Outside, sqlite_store: Store, clock: FixedClock, proof: Proof, state: DomainState, code: str
) -> None:
    states = dict.fromkeys(Proof, DomainState.THERE) | {proof: state}
    with sqlite_store.write() as tx:
        for each, told in states.items():
            lookups.record(tx, kind=each.value, seen={"reseau.fr": (told.value, "")}, at=clock.now())
    found = outside.of_sender(CAMPAIGN)
    assert [(each.code, each.severity, each.path, each.field) for each in found] == [
        (code, Severity.WARNING, CAMPAIGN.path, "sender.address")
    ]


def test_looking_keeps_what_was_seen(outside: Outside) -> None:
    def nobody(_: str) -> list[str]:
        raise NoSuchName

    def silence(_: str) -> list[str] | None:
        raise Silence

    outside.net = replace(Net(), resolve=nobody, texts=silence)
    outside.look(COMPILED, CAMPAIGN)
    assert _codes(outside) == ["links-unchecked", "domain-unchecked"]
