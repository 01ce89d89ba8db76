"""The statement adds up whatever happened, and no rate says more than it knows."""

import dataclasses
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailer.i18n import Translator
from mailer.model.ledger import DeliveryState, Outcome
from mailer.model.report import Report
from mailer.model.series import Comparison
from mailer.reporting import sentences
from mailer.reporting.exports import report_sheets
from mailer.reporting.paper_report import report_paper
from mailer.reporting.printing import as_json, as_text
from mailer.store import Store
from tests.reporting.sent import BEGAN, Sent

_COUNTS = st.dictionaries(
    st.tuples(st.sampled_from([*DeliveryState]), st.sampled_from([None, *Outcome])),
    st.integers(1, 4),
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counts=_COUNTS)
def test_every_delivery_is_in_exactly_one_line_of_the_statement(
    sqlite_store: Store, counts: dict[tuple[DeliveryState, Outcome | None], int]
) -> None:
    with sqlite_store.write() as tx:
        for name in ("delivery", "send", "snapshot"):
            tx.exec_driver_sql(f"DELETE FROM {name}")
    sent = Sent(sqlite_store)
    for (state, outcome), number in counts.items():
        sent.add(number, state.value, outcome=outcome)
    report = sent.report
    assert report.letter.planned == sum(counts.values()) == _statement(report)
    assert 0 <= report.letter.bounced + report.letter.complained <= report.told <= report.letter.accepted
    assert report.letter.delivered == report.letter.accepted - report.letter.bounced


def _statement(report: Report) -> int:
    lines = (
        report.letter.accepted,
        report.letter.refused,
        report.letter.excluded,
        report.letter.in_doubt,
        report.cancelled,
        report.open,
    )
    return sum(lines)


def test_each_state_has_its_line(sent: Sent) -> None:
    for number, state in enumerate(
        ("accepted", "refused", "excluded", "in_doubt", "cancelled", "planned"), 1
    ):
        sent.add(number, state)
    sent.add(7, "claimed")
    sent.add(8, "posting")
    report = sent.report
    assert (
        report.letter.accepted,
        report.letter.refused,
        report.letter.excluded,
        report.letter.in_doubt,
    ) == (1, 2, 3, 4)
    assert (report.cancelled, report.open, report.letter.planned) == (5, 6 + 7 + 8, 36)


def test_delivered_is_accepted_without_the_bounced(sent: Sent) -> None:
    sent.add(4, outcome="delivered")
    sent.add(2, outcome="bounced")
    sent.add(1, outcome="complained")
    sent.add(3)
    report = sent.report
    assert (report.letter.accepted, report.letter.bounced, report.letter.delivered) == (10, 2, 8)
    assert (report.letter.complained, report.told) == (1, 7)


def test_the_rate_divides_by_delivered_copies_with_a_pixel(sent: Sent) -> None:
    sent.add(300, outcome="delivered")
    sent.add(10, outcome="bounced")
    sent.add(90, measured=False)
    sent.add(5, "refused")
    sent.opened(loaded=160, high=135, low=100)
    report = sent.report
    assert (
        report.letter.measured,
        report.letter.opens_low,
        report.letter.opens_high,
        report.letter.loaded,
    ) == (300, 100, 135, 160)
    assert report.letter.rate_low == pytest.approx(1 / 3)
    assert report.letter.rate_high == pytest.approx(0.45)
    assert report.letter.interval is not None
    assert (round(report.letter.interval.low, 3), round(report.letter.interval.high, 3)) == (0.395, 0.507)


@pytest.mark.parametrize("tracking", ["none", "consented"])
def test_nothing_measured_has_no_rate(store: Store, tracking: str) -> None:
    sent = Sent(store, tracking=tracking)
    sent.add(3, measured=False)
    report = sent.report
    assert (
        report.letter.measured,
        report.letter.rate_low,
        report.letter.rate_high,
        report.letter.interval,
    ) == (0, None, None, None)


def test_an_open_before_a_bounce_makes_no_rate_above_one(sent: Sent) -> None:
    sent.add(20, outcome="delivered")
    sent.add(1, outcome="bounced")
    sent.opened(high=21, low=21)
    assert (sent.report.letter.rate_low, sent.report.letter.rate_high) == (1.0, 1.0)


def test_a_refused_copy_has_no_fate(sent: Sent) -> None:
    sent.add(2)
    sent.add(1, "refused", outcome="bounced")
    assert (sent.report.letter.delivered, sent.report.letter.bounced) == (2, 0)


def test_reasons_are_counted_where_they_stopped_somebody(sent: Sent) -> None:
    sent.add(2, "excluded", reason="unsubscribed")
    sent.add(3, "excluded", reason="hard_bounce")
    sent.add(1, "refused", reason="5.1.1")
    sent.add(1, "in_doubt", reason="lease-over")
    report = sent.report
    assert report.excluded_by == {"hard_bounce": 3, "unsubscribed": 2}
    assert report.refused_by == {"5.1.1": 1}
    assert report.left_out == {"not_subscribed": 5}


def test_the_hours_are_a_curve_without_holes(sent: Sent) -> None:
    sent.add(20)
    sent.opened(high=5, low=3, hour=0)
    sent.opened(high=2, hour=3)
    assert [dataclasses.astuple(each) for each in sent.report.hours] == [
        (0, 5, 5, 3), (1, 0, 0, 0), (2, 0, 0, 0), (3, 2, 2, 0),
    ]  # fmt: skip


def _groups(sent: Sent) -> list[tuple[str, int, int, int]]:
    return [(each.name, each.copies, each.opens_low, each.opens_high) for each in sent.report.cohorts]


def test_a_group_under_twenty_copies_is_told_with_everybody_else(store: Store) -> None:
    sent = Sent(store, tracking="anonymous", cohorts=["autres", "region", "ville"])
    sent.add(30, cohort=0)
    sent.add(19, cohort=1)
    sent.add(20, cohort=2)
    sent.add(1, cohort=2, outcome="bounced")
    sent.opened(high=7, low=1, cohort=0)
    sent.opened(high=19, cohort=1)
    sent.opened(high=5, low=4, cohort=2)
    assert _groups(sent) == [("autres", 49, 1, 26), ("ville", 20, 4, 5)]
    assert sent.report.cohorts[1].rate == 0.25


def test_what_is_left_of_the_whole_is_never_a_handful(store: Store) -> None:
    """Three people beside two large groups: without the smaller of these, their rate would be a subtraction."""
    sent = Sent(store, tracking="anonymous", cohorts=["autres", "region", "ville"])
    sent.add(3, cohort=0)
    sent.add(40, cohort=1)
    sent.add(25, cohort=2)
    sent.opened(high=2, cohort=0)
    sent.opened(high=9, cohort=1)
    sent.opened(high=5, cohort=2)
    assert _groups(sent) == [("region", 40, 0, 9), ("autres", 28, 0, 7)]


def test_one_large_group_beside_a_handful_is_not_shown(store: Store) -> None:
    sent = Sent(store, tracking="anonymous", cohorts=["autres", "ville"])
    sent.add(19, cohort=0)
    sent.add(20, cohort=1)
    sent.opened(high=5, cohort=1)
    assert sent.report.cohorts == ()


def test_groups_that_are_all_large_are_shown_as_they_are(store: Store) -> None:
    sent = Sent(store, tracking="anonymous", cohorts=["autres", "ville"])
    sent.add(20, cohort=0)
    sent.add(21, cohort=1)
    sent.opened(high=5, cohort=1)
    assert _groups(sent) == [("ville", 21, 0, 5), ("autres", 20, 0, 0)]


def test_links_have_their_words_and_their_clicks(sent: Sent) -> None:
    sent.add(20)
    sent.clicked(0, 12)
    links = [(link.url, link.label, link.clicks) for link in sent.report.links]
    assert links == [
        ("https://reseau.example/agenda", "L’agenda", 12),
        ("https://reseau.example/appel", "", 0),
    ]
    assert sent.report.letter.clicks == 12


def test_openings_of_a_handful_are_told_nowhere(store: Store) -> None:
    """19 copies: no number, no rate, no hour, no group; one copy more and they are told."""
    sent = Sent(store, cohorts=["autres", "ville"])
    sent.add(10)
    sent.add(9, cohort=1)
    sent.opened(high=14, low=13, loaded=18)
    few = sent.report
    assert (few.letter.measured, few.letter.opens_low, few.letter.opens_high, few.letter.loaded) == (
        19,
        None,
        None,
        None,
    )
    assert (few.letter.rate_low, few.letter.rate_high, few.letter.interval) == (None, None, None)
    assert (few.hours, few.cohorts) == ((), ())
    english, nothing = Translator("en"), Comparison(0, 0)
    said = " ".join(
        [
            as_text(few, english),
            json.dumps(as_json(few, (), nothing)),
            *sentences(few, nothing, english),
            str(report_sheets(few, nothing, english)),
            str(report_paper(few, english, network="", on=BEGAN.date())),
        ]
    )
    assert not re.search(r"\b(13|14|18)\b", said)
    assert "Fewer than 20 measured copies" in said
    sent.add(1)
    told = sent.report
    assert (told.letter.opens_low, told.letter.opens_high, told.letter.loaded) == (13, 14, 18)
    assert told.letter.rate_high == 14 / 20
    assert len(told.hours) == 1


def test_clicks_of_a_handful_are_told_nowhere(sent: Sent) -> None:
    sent.add(19)
    sent.add(5, outcome="bounced")
    sent.add(80, measured=False)
    sent.clicked(0, 12)
    report = sent.report
    assert (report.letter.clicks, [link.clicks for link in report.links]) == (None, [None, None])
    assert "12" not in as_text(report, Translator("en"))
    assert "Fewer than 20 measured copies" in as_text(report, Translator("en"))
    sheets = report_sheets(report, Comparison(0, 0), Translator("en"))
    assert "Links" not in [each.title for each in sheets]
    sent.add(1)
    sheets = report_sheets(sent.report, Comparison(0, 0), Translator("en"))
    assert (sent.report.letter.clicks, sent.report.links[0].clicks) == (12, 12)
    assert "Links" in [each.title for each in sheets]


def test_somebody_who_leaves_twice_is_counted_once(sent: Sent) -> None:
    first, second = sent.add(2)
    sent.left(first)
    sent.left(first, by="postal")
    sent.left(second)
    assert sent.report.letter.unsubscribed == 2


def test_two_sends_do_not_mix(store: Store) -> None:
    ours, theirs = Sent(store), Sent(store, public_id="1112131415161718")
    ours.add(3)
    theirs.left(*theirs.add(1, outcome="bounced"))
    ours.add(17)
    theirs.add(20)
    theirs.opened(high=1)
    assert (ours.report.letter.accepted, ours.report.letter.bounced, ours.report.letter.unsubscribed) == (
        20,
        0,
        0,
    )
    assert (ours.report.letter.opens_high, theirs.report.letter.opens_high) == (0, 1)
