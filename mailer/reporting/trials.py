"""Two subjects side by side: how many opened the letter under each, and whether that is more than chance."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from mailer.model.ledger import Send, Snapshot
from mailer.model.measuring import SMALLEST_COHORT, is_more_than_chance
from mailer.model.report import SubjectFigures, SubjectTrial, TrialVerdict
from mailer.rendering import generic_text
from mailer.reporting.statistics import rate, wilson
from mailer.store.reports import OpenRow

#: Whoever looks every hour sees chance show a difference sooner or later: it is told once, at this age.
TOLD_AFTER = timedelta(hours=48)


def trial_figures(
    send: Send, snapshot: Snapshot, measured: Mapping[int, int], opens: Sequence[OpenRow], *, at: datetime
) -> SubjectTrial | None:
    """None for a letter with one subject, and for an erratum. `measured`: cohort -> delivered copies with a pixel."""
    if not snapshot.second_subject or snapshot.erratum_of or send.started_at is None:
        return None
    if not send.split_above:
        return SubjectTrial(TrialVerdict.NOT_TRIED, ())
    half = len(send.cohorts) // 2
    texts = (snapshot.subject, snapshot.second_subject)
    places = (range(half), range(half, 2 * half))
    found = [_figures(text, place, measured, opens) for text, place in zip(texts, places, strict=True)]
    if min(each.copies for each in found) < SMALLEST_COHORT:
        return SubjectTrial(TrialVerdict.TOO_FEW, ())
    is_early = at - send.started_at < TOLD_AFTER
    return SubjectTrial(TrialVerdict.EARLY if is_early else _verdict(*found), tuple(found))


def _figures(
    text: str, places: range, measured: Mapping[int, int], opens: Sequence[OpenRow]
) -> SubjectFigures:
    copies = sum(count for cohort, count in measured.items() if cohort in places)
    low, high = (
        sum(getattr(row, level) for row in opens if row.cohort in places) for level in ("low", "high")
    )
    opened = min(high, copies)
    return SubjectFigures(generic_text(text), copies, low, high, rate(opened, copies), wilson(opened, copies))


def _verdict(first: SubjectFigures, second: SubjectFigures) -> TrialVerdict:
    """By the broad count, as the rates."""
    one, other = min(first.opens_high, first.copies), min(second.opens_high, second.copies)
    if not is_more_than_chance(one, first.copies, other, second.copies):
        return TrialVerdict.CHANCE
    return TrialVerdict.FIRST if one / first.copies > other / second.copies else TrialVerdict.SECOND
