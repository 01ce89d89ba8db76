"""A year in review agrees with a count that knows nothing of our statements, and compares only what was measured alike."""

import sqlite3
from datetime import UTC, datetime

import pytest

from mailer.i18n import Translator
from mailer.model.series import CampaignYear, YearReview
from mailer.reporting import exports, year
from mailer.store import Store
from tests.reporting.sent import BEGAN, Sent
from tests.reporting.test_series import add_letter

ZONE = "Europe/Paris"
RHYTHMS = {"newsletter": "monthly", "flash": "weekly"}


def review(store: Store, asked: int = 2026) -> YearReview:
    with store.read() as tx:
        return year.year_review(tx, asked, at=BEGAN, zone=ZONE, rhythms=RHYTHMS)


def campaign(store: Store, slug: str = "flash", asked: int = 2026) -> CampaignYear:
    return next(each for each in review(store, asked).campaigns if each.campaign == slug)


def test_a_year_without_letters_is_empty(store: Store) -> None:
    found = review(store)
    assert (found.letters, found.campaigns, found.topics, found.accepted) == ((), (), (), 0)


def test_the_figures_agree_with_a_count_by_hand(sqlite_store: Store) -> None:
    """Counted by Python from the rows themselves, one by one."""
    sizes = (
        (3, 40, 9, "newsletter"),
        (40, 30, 12, "newsletter"),
        (10, 32, 3, "flash"),
        (17, 8, 2, "flash"),  # a handful: told nowhere
        (2, 5, 0, "mailing"),
    )
    for days, copies, opened, slug in sizes:
        mode = "none" if slug == "mailing" else "consented"
        sent = add_letter(
            sqlite_store, days, copies=copies, opened=opened, bounced=1, campaign=slug, tracking=mode
        )
        sent.add(2, "refused")
        sent.add(3, measured=False)
    add_letter(sqlite_store, 300, copies=99)  # last year
    database = sqlite3.connect(sqlite_store.engine.url.database or "")
    sends = database.execute("SELECT id, campaign, started_at FROM send").fetchall()
    copies = database.execute("SELECT send_id, state, measured, outcome FROM delivery").fetchall()
    opens = database.execute("SELECT send_id, high FROM open_count").fetchall()
    database.close()
    found = {each.campaign: each for each in review(sqlite_store).campaigns}
    assert set(found) == {"newsletter", "flash", "mailing"}
    for slug, own in found.items():
        ids = [key for key, name, began in sends if name == slug and began.startswith("2026")]
        accepted = [row for row in copies if row[0] in ids and row[1] == "accepted"]
        rates = []
        for key in ids:
            base = sum(1 for row in accepted if row[0] == key and row[2] and row[3] != "bounced")
            if base >= 20:
                rates.append(sum(high for send, high in opens if send == key) / base)
        assert own.letters == len(ids)
        assert own.accepted == len(accepted)
        assert own.recipients == len(accepted) / len(ids)
        assert (own.rate.high if own.rate else None) == (
            pytest.approx(sum(rates) / len(rates)) if rates else None
        )
        assert sum(month.letters for month in own.months) == len(ids)
    assert review(sqlite_store).accepted == sum(
        len([row for row in copies if row[0] == key and row[1] == "accepted"])
        for key, _, began in sends
        if began.startswith("2026")
    )


def test_an_erratum_adds_nothing_to_the_sums_and_subjects_of_a_year(store: Store) -> None:
    """It is not one more issue: whoever adds up the campaigns has the year's sum."""
    add_letter(store, 1, issue="june", copies=20).clicked(0, 12)
    add_letter(store, 0, issue="june-erratum", erratum_of="june", copies=20).clicked(0, 9)
    found = review(store)
    assert found.accepted == sum(each.accepted for each in found.campaigns) == 20
    assert [each.clicks for each in found.topics] == [12]
    assert found.followed == 1
    assert [each.issue for each in found.letters] == ["june", "june-erratum"]


@pytest.mark.parametrize("asked", [2026, 2027])
def test_a_letter_and_its_erratum_are_one_letter(store: Store, asked: int) -> None:
    """The review of the year after compares with the same figures."""
    add_letter(store, 1, issue="june", copies=20, opened=20)
    add_letter(store, 0, issue="june-erratum", erratum_of="june", copies=20, opened=0)
    if asked == 2027:
        add_letter(store, -300, issue="next", copies=3, opened=3)
    own = campaign(store, asked=asked)
    found = own if asked == 2026 else own.before
    assert found is not None
    assert (found.letters, found.recipients, found.accepted) == (1, 20, 20)
    assert found.rate is not None
    assert (found.rate.letters, found.rate.high) == (1, 1.0)
    assert [month.letters for month in found.months if month.letters] == [1]
    everything = review(store, 2026)
    assert (len(everything.letters), len(everything.regular), everything.followed) == (2, 1, 1)
    lines = exports.letters_sheet(everything.letters, Translator("fr", ZONE))
    at = lines.headings.index("Corrige")
    assert [line[at] for line in lines.rows] == ["june", ""]


def test_a_year_begins_and_ends_where_its_people_live(store: Store) -> None:
    for number, began in enumerate(
        (
            datetime(2025, 12, 31, 22, 59, tzinfo=UTC),
            datetime(2025, 12, 31, 23, 0, tzinfo=UTC),  # midnight in Paris
            datetime(2026, 12, 31, 22, 59, tzinfo=UTC),
            datetime(2026, 12, 31, 23, 0, tzinfo=UTC),
        )
    ):
        Sent(store, issue=f"i{number}", public_id=f"{number:016x}", began=began).add(1)
    assert [each.issue for each in review(store).letters] == ["i1", "i2"]
    months = campaign(store).months
    assert (months[0].letters, months[11].letters) == (1, 1)


def test_rates_of_two_modes_are_never_one_number(store: Store) -> None:
    add_letter(store, 40, opened=30, tracking="anonymous")
    add_letter(store, 10, opened=50)
    own = campaign(store)
    assert own.rate is None
    assert [(each.tracking, each.letters, each.high) for each in own.rates] == [
        ("consented", 1, 0.5),
        ("anonymous", 1, 0.3),
    ]


@pytest.mark.parametrize(("mode", "moved"), [("consented", 0.1), ("anonymous", None), ("none", None)])
def test_the_year_before_is_compared_where_it_was_measured_alike(
    store: Store, mode: str, moved: float | None
) -> None:
    add_letter(store, 300, opened=40 if mode != "none" else 0, tracking=mode)
    add_letter(store, 10, opened=50)
    own = campaign(store)
    assert own.before is not None
    assert own.moved == (pytest.approx(moved) if moved else None)


def test_nothing_measured_divides_by_nothing(store: Store) -> None:
    add_letter(store, 10, tracking="none")
    own = campaign(store)
    assert (own.rate, own.rates, own.moved) == (None, (), None)
    assert all(month.rate is None for month in own.months)


def test_an_issue_that_was_stopped_and_sent_again_is_one_letter(store: Store) -> None:
    add_letter(store, 10, copies=4, issue="same")
    add_letter(store, 9, copies=6, issue="same")
    own = campaign(store)
    assert (own.letters, own.accepted, own.recipients) == (1, 10, 10.0)


def test_the_most_followed_subjects_have_their_words(store: Store) -> None:
    first, second = add_letter(store, 20), add_letter(store, 10)
    first.clicked(0, 12)
    second.clicked(0, 3)
    second.clicked(1, 20)
    found = review(store)
    assert found.followed == 2
    assert [(each.label or each.url, each.clicks) for each in found.topics] == [
        ("https://reseau.example/appel", 20),
        ("L’agenda", 15),
    ]


def test_a_letter_of_a_handful_adds_nothing_to_the_most_followed(store: Store) -> None:
    """Beside the reports of the others, the year would give its clicks by subtraction."""
    add_letter(store, 20, copies=20).clicked(0, 12)
    add_letter(store, 10, copies=19).clicked(0, 3)
    found = review(store)
    assert (found.followed, [each.clicks for each in found.topics]) == (1, [12])


def test_series_come_before_what_leaves_on_occasion(store: Store) -> None:
    for slug, copies in (("mailing", 90), ("flash", 5), ("newsletter", 50)):
        add_letter(store, 10, copies=copies, campaign=slug)
    assert [each.campaign for each in review(store).campaigns] == ["newsletter", "flash", "mailing"]


def test_the_years_that_can_be_asked_for(store: Store) -> None:
    with store.read() as tx:
        assert year.years(tx, at=BEGAN, zone=ZONE) == [2026]
    add_letter(store, 800, copies=1)
    with store.read() as tx:
        assert year.years(tx, at=BEGAN, zone=ZONE) == [2026, 2025, 2024]
