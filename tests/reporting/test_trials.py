"""Two subjects in a report: side by side, and no more is said than the numbers can tell."""

from datetime import timedelta

import pytest

from mailer import reporting
from mailer.i18n import Translator
from mailer.model.columns import table
from mailer.model.ledger import Send, Snapshot
from mailer.model.report import Report, TrialVerdict
from mailer.model.series import Comparison
from mailer.reporting import as_json, as_text, report_sheets, sentences
from mailer.reporting.paper_report import report_paper
from mailer.store import Store
from tests.reporting.sent import BEGAN, Sent

LATER = timedelta(hours=48)
FRENCH = Translator("fr")


def tried(store: Store, *, above: int = 100, erratum_of: str = "") -> Sent:
    """A letter that left with two subjects and two groups."""
    sent = Sent(store, cohorts=["autres", "ville", "autres", "ville"], erratum_of=erratum_of)
    snapshots, sends = table(Snapshot), table(Send)
    with store.write() as tx:
        tx.execute(snapshots.update().values(second_subject="Ce que juin prépare"))
        tx.execute(sends.update().values(split_above=above))
    return sent


def opened(sent: Sent, *, first: int, second: int, copies: int = 60) -> None:
    """Half of each half is in the group `ville`; the others are delivered, refused or not measured."""
    for cohort in range(4):
        sent.add(copies // 2, outcome="delivered", cohort=cohort)
    sent.add(3, "refused", cohort=2)
    sent.add(3, measured=False, cohort=2)
    for cohort, count in enumerate((first, 0, second, 0)):
        sent.opened(high=count, low=count, cohort=cohort)


def report(sent: Sent, *, after: timedelta = LATER) -> Report:
    with sent.store.read() as tx:
        return reporting.report(tx, sent.send_id, at=BEGAN + after)


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        (24, 24, TrialVerdict.CHANCE),
        (24, 28, TrialVerdict.CHANCE),
        (30, 15, TrialVerdict.FIRST),
        (15, 30, TrialVerdict.SECOND),
    ],
)
def test_a_difference_is_named_only_where_it_is_more_than_chance(
    store: Store, first: int, second: int, verdict: TrialVerdict
) -> None:
    opened(sent := tried(store), first=first, second=second)
    trial = report(sent).trial
    assert trial is not None
    assert trial.verdict is verdict
    assert [(each.subject, each.copies, each.opens_high) for each in trial.subjects] == [
        ("Agenda de juin", 60, first),
        ("Ce que juin prépare", 60, second),
    ]


def test_the_halves_add_up_to_the_letter_and_the_groups_are_whole(store: Store) -> None:
    opened(sent := tried(store), first=24, second=28)
    found = report(sent)
    assert found.trial is not None
    assert sum(each.copies for each in found.trial.subjects) == found.letter.measured == 120
    assert sum(each.opens_high for each in found.trial.subjects) == found.letter.opens_high == 52
    assert {(each.name, each.copies, each.opens_high) for each in found.cohorts} == {
        ("autres", 60, 52),
        ("ville", 60, 0),
    }


def test_nothing_is_said_before_48_hours(store: Store) -> None:
    opened(sent := tried(store), first=30, second=10)
    early, told = (report(sent, after=after).trial for after in (LATER - timedelta(seconds=1), LATER))
    assert early is not None
    assert told is not None
    assert (early.verdict, told.verdict) == (TrialVerdict.EARLY, TrialVerdict.FIRST)


def test_a_half_of_a_handful_is_not_shown(store: Store) -> None:
    sent = tried(store)
    sent.add(30, cohort=0)
    sent.add(19, cohort=2)
    sent.opened(high=7, cohort=2)
    trial = report(sent).trial
    assert trial is not None
    assert (trial.verdict, trial.subjects) == (TrialVerdict.TOO_FEW, ())


def test_a_trial_that_did_not_take_place_says_so(store: Store) -> None:
    opened(sent := tried(store, above=0), first=10, second=0)
    trial = report(sent).trial
    assert trial is not None
    assert (trial.verdict, trial.subjects) == (TrialVerdict.NOT_TRIED, ())


def test_an_erratum_and_a_letter_with_one_subject_try_nothing(store: Store) -> None:
    assert report(tried(store, above=0, erratum_of="2026-06-04")).trial is None
    single = Sent(store, public_id="1112131415161718", issue="other")
    assert report(single).trial is None


def test_every_form_of_the_report_has_both_subjects_and_the_answer(store: Store) -> None:
    opened(sent := tried(store), first=30, second=15)
    found, nothing = report(sent), Comparison(0, 0)
    answer = "Le premier objet a été plus ouvert que le deuxième"
    forms = {
        "text": as_text(found, FRENCH),
        "sheets": str(report_sheets(found, nothing, FRENCH)),
        "paper": str(report_paper(found, FRENCH, network="", on=BEGAN.date())),
    }
    for name, form in forms.items():
        assert "Ce que juin prépare" in form, name
        assert answer in form, name
    assert any(answer in each for each in sentences(found, nothing, FRENCH))
    subjects = as_json(found)["trial"]["subjects"]
    assert [(each["rate"], len(each["interval"])) for each in subjects] == [(0.5, 2), (0.25, 2)]
