"""Workers killed at random with every provider's contract, in bad weather: nobody twice, nobody forgotten.

The fakes and the sandbox speak over real HTTP and SMTP, in a process of their own; one call in twenty goes wrong at the
worst moment. Their journal is the truth, the ledger the suspect.
"""

from pathlib import Path

import pytest

from mailer.store import Store
from tests.nursery import Nursery
from tests.storms.storm import Storm, storm

SURE = ("brevo", "mailjet", "sweego", "postal")
#: Class -> how many sends, each to 2,000 people with 67 kills: 64,000 deliveries and 2,144 kills in all.
LONG = {"brevo": 8, "mailjet": 6, "sweego": 5, "postal": 6, "smtp": 7}
PEOPLE, KILLS = 2_000, 67


def nobody_twice(storm: Storm) -> None:
    """I1."""
    assert set(storm.journal().values()) <= {1}


def accepted_here_is_accepted_there(storm: Storm) -> None:
    """I2, I3."""
    there = set(storm.journal())
    assert storm.of("accepted") <= there
    assert not storm.of("planned", "claimed", "posting", "excluded", "cancelled")
    assert not storm.of("refused") & there


def everybody_once(storm: Storm) -> None:
    assert storm.of("accepted") == set(storm.journal()) == storm.everybody
    assert storm.journal().total() == storm.people


def judge(storm: Storm) -> None:
    """What each class promises once the storm is over."""
    nobody_twice(storm)
    accepted_here_is_accepted_there(storm)
    storm.adds_up()
    if storm.kind == "smtp":
        # Class C: whoever is not known to have it is listed as a doubt, or was refused and truly has nothing.
        assert storm.everybody - storm.of("accepted", "refused") == storm.of("in_doubt")
        return
    if storm.kind == "postal":
        # Class B': every doubt that is left was never taken, so a person may let it be sent again.
        storm.ask("quiet")
        assert storm.of("in_doubt") == storm.everybody - set(storm.journal())
        storm.decide()
    everybody_once(storm)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", [*SURE, "smtp"])
def test_ten_kills_in_bad_weather(kind: str, sqlite_store: Store, tmp_path: Path, nursery: Nursery) -> None:
    with storm(kind, sqlite_store, tmp_path, nursery, people=300, seed=7314) as here:
        here.run(kills=10)
        judge(here)
        assert here.kills >= 5


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("kind", "seed"), [(kind, seed) for kind in LONG for seed in range(LONG[kind])])
def test_two_thousand_kills_in_bad_weather(
    kind: str, seed: int, request: pytest.FixtureRequest, tmp_path: Path, nursery: Nursery
) -> None:
    """Every fourth storm is on PostgreSQL."""
    store = request.getfixturevalue("postgresql_store" if seed % 4 == 3 else "sqlite_store")
    with storm(kind, store, tmp_path, nursery, people=PEOPLE, seed=seed) as here:
        here.run(kills=KILLS)
        print(f"kills of workers at work: {here.kills}; before any decision: {here.states()}")
        judge(here)
