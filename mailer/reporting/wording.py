"""What a comparison says, in a sentence: at the desk, on a terminal and in files alike."""

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil

from mailer.i18n import Translator, marked
from mailer.model.measuring import SMALLEST_COHORT
from mailer.model.report import LetterFigures, SubjectTrial, TrialVerdict
from mailer.model.series import Comparison, Discernible, Slot
from mailer.model.workspace import Tracking

MODES = {
    Tracking.NONE.value: marked("not measured"),
    Tracking.CONSENTED.value: marked("measured among the people who accepted it"),
    Tracking.ANONYMOUS.value: marked("anonymous measure"),
}
_VERDICTS = {
    TrialVerdict.EARLY: marked(
        "Which subject was opened more is said 48 hours after the departure: whoever looks earlier, and often, takes"
        " chance for a difference."
    ),
    TrialVerdict.CHANCE: marked(
        "The difference is not more than chance: nothing says that one subject is opened more than the other."
    ),
    TrialVerdict.FIRST: marked(
        "The first subject was opened more than the second, and the difference is more than chance."
    ),
    TrialVerdict.SECOND: marked(
        "The second subject was opened more than the first, and the difference is more than chance."
    ),
    TrialVerdict.TOO_FEW: marked("Too few measured copies were delivered to tell two subjects apart."),
    TrialVerdict.NOT_TRIED: marked(
        "When the letter left, too few people were left whose copies are measured to tell two subjects apart: everybody"
        " got the first one."
    ),
}
#: The group of everybody who is in no group of their own (mailer.sending.starting).
REST = "autres"
COHORTS = {
    "ville": marked("Towns"),
    "intercommunalite": marked("Intercommunal bodies"),
    "departement": marked("Départements"),
    "region": marked("Regions"),
    "statut_particulier": marked("Authorities with special status"),
    "other": marked("Other bodies"),
    REST: marked("Everybody else"),
}


def mode(t: Translator, code: str) -> str:
    return t(MODES[code]) if code in MODES else code


def compared(t: Translator, rate: float, median: float) -> tuple[str, str]:
    """How a rate stands beside its median: a look, and the distance between the two whole numbers shown."""
    points = round(100 * rate) - round(100 * median)
    if points == 0:
        return "muted", t("Equal")
    return ("up" if points > 0 else "down"), signed_points(t, points)


def signed_points(t: Translator, points: int) -> str:
    """+ 2 pts; the sign is a true minus."""
    return t.plural("{sign} {count} pt", "{sign} {count} pts", abs(points), sign="+" if points > 0 else "−")


def beside(t: Translator, comparison: Comparison) -> str:
    """What the rate is compared with; empty where it is with nothing."""
    if comparison.rate is None:
        return ""
    return t.plural(
        "beside its one letter of the 12 months before ({rate})",
        "beside the median of its {count} letters of the 12 months before ({rate})",
        comparison.alike,
        rate=t.percent(comparison.rate.median, 0),
    )


def alone(t: Translator, comparison: Comparison) -> str:
    """Why the rate is compared with nothing; empty where it is with something."""
    if comparison.rate is not None:
        return ""
    if not comparison.letters:
        return t(
            "No letter of this campaign left in the 12 months before: there is nothing to compare it with."
        )
    return t.plural(
        "The letter of the 12 months before was not measured in the same way: its rate is not compared.",
        "None of the {count} letters of the 12 months before was measured in the same way: their rates are not compared.",
        comparison.letters,
    )


def trial(t: Translator, found: SubjectTrial) -> str:
    """The plain answer of two subjects."""
    return t(_VERDICTS[found.verdict])


def unrated(t: Translator, letter: LetterFigures) -> str:
    """Why a letter has no rate."""
    if not letter.measured:
        return t("not measured")
    return t("fewer than {count} measured copies", count=SMALLEST_COHORT)


def no_rate(t: Translator, letter: LetterFigures) -> str:
    """The sentence in the place of a rate."""
    return few_opens(t) if letter.measured else t("Open rate: not measured.")


def few_opens(t: Translator) -> str:
    """Why the openings of a letter, and its clicks, are not told."""
    return t(
        "Fewer than {count} measured copies were delivered: their openings and clicks are not shown, for they would speak of a"
        " handful of people.",
        count=SMALLEST_COHORT,
    )


def few_clicks(t: Translator) -> str:
    """Why the clicks of a letter are not told."""
    return t(
        "Fewer than {count} measured copies were delivered: their clicks are not shown, for they would speak of a"
        " handful of people.",
        count=SMALLEST_COHORT,
    )


def discernible(t: Translator, found: Discernible) -> str:
    """By how much two letters must differ; whole points, rounded up so as to promise nothing."""
    if found.difference is None:
        return t("With so few measured copies no difference between two letters can be told from chance.")
    return t.plural(
        "It takes a difference of about {count} point between two of these letters to tell it from chance: the {letters}"
        " measured in the last 12 months have {copies} measured copies in the median, {rate} of them opened.",
        "It takes a difference of about {count} points between two of these letters to tell it from chance: the {letters}"
        " measured in the last 12 months have {copies} measured copies in the median, {rate} of them opened.",
        ceil(100 * found.difference),
        letters=t.number(found.letters),
        copies=t.number(found.copies),
        rate=t.percent(found.rate, 0),
    )


def moment(t: Translator, slot: Slot) -> str:
    """Tuesday at 10:00."""
    monday = date(2024, 1, 1)
    day = t.date(monday + timedelta(days=slot.weekday), "EEEE")
    return t("{day} at {hour}:00", day=day, hour=slot.hour)


def best_moment(t: Translator, slots: Sequence[Slot]) -> str:
    """What may be said of the best day and hour, and what may not; empty where nothing was measured."""
    if len(slots) == 1:
        return t(
            "Every letter left on {moment}: whether another moment would be better was never tried.",
            moment=moment(t, slots[0]),
        )
    known = [each for each in slots if each.interval]
    if len(known) < 2:
        return t(
            "Too few letters left at different moments to say which is best: it takes three at two moments at least."
        )
    best, *others = known
    limit = max(each.interval.high for each in others if each.interval)
    sure = best.interval is not None and best.interval.low > limit
    said = (
        marked("Opened most: {moment}. More than chance, but the subjects differed too.")
        if sure
        else marked("Opened most: {moment}. Its lead over {other} may be chance, or the subjects.")
    )
    return t(said, moment=moment(t, best), other=moment(t, others[0]))


def cohort(t: Translator, name: str) -> str:
    """A group by its code: a kind of organisation, or the value itself."""
    return t(COHORTS[name]) if name in COHORTS else name
