"""The end of the year: its page, the provider's journal and the notes of the simulated readers are compared, to the unit."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mailer.app import Mailer
from mailer.demo.year.calendar import YEAR, Departure
from mailer.demo.year.logbook import Logbook
from mailer.model.measuring import SMALLEST_COHORT
from mailer.model.report import Report
from mailer.model.series import YearReview
from mailer.sandbox.journal import Entry

#: A figure of the report -> the same in the readers' notes.
_READERS = {
    "measured": "measured",
    "loaded": "loaded",
    "opens_high": "opened_high",
    "opens_low": "opened_low",
    "clicks": "clicked",
    "unsubscribed": "unsubscribed",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure that is not the same in two places."""

    where: str
    figure: str
    told: float
    found: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many figures were compared, and those that differ."""

    compared: int
    differences: tuple[Difference, ...]


def compare(
    mailer: Mailer, letters: Sequence[Departure], book: Logbook, journal: Sequence[Entry]
) -> Comparison:
    """Every report against both sources, then the year's page against their sums."""
    review = mailer.measures.year(YEAR)
    pairs = [pair for each in letters for pair in _letter(each, mailer.report(each.ref), book, journal)]
    pairs += _year(review, letters, book)
    pairs += _whole(letters, book, journal)
    return Comparison(len(pairs), tuple(each for each in pairs if abs(each.told - each.found) > 1e-9))


def _letter(each: Departure, report: Report, book: Logbook, journal: Sequence[Entry]) -> Iterator[Difference]:
    noted = book.entries[each.ref]
    taken = _taken(noted, journal)
    yield Difference(each.ref, "accepted, journal", report.letter.accepted, len(taken))
    yield Difference(
        each.ref, "recipients, journal", report.letter.accepted, len({one.recipient for one in taken})
    )
    yield Difference(each.ref, "accepted, letter-boxes", report.letter.accepted, noted["lying"])
    yield Difference(each.ref, "bounced, provider", report.letter.bounced, noted["bounced"])
    yield Difference(each.ref, "delivered, letter-boxes", report.letter.delivered, noted["read"])
    yield Difference(each.ref, "failures", 0, sum(noted["failures"].values()))
    for figure, name in _READERS.items():
        if report.letter.tracking == "none" and figure != "unsubscribed":
            continue
        told = getattr(report.letter, figure)
        if told is None:  # of a handful, and of nothing else
            is_large = noted["measured"] >= SMALLEST_COHORT
            yield Difference(each.ref, f"{figure}, told of a handful alone", 0, int(is_large))
            continue
        yield Difference(each.ref, f"{figure}, readers", told, noted[name])


def _taken(noted: Mapping[str, Any], journal: Sequence[Entry]) -> list[Entry]:
    """The journal's lines of one step: steps follow each other, so their ids do not overlap."""
    return [one for one in journal if noted["journal_from"] < one.id <= noted["journal_to"]]


def _year(review: YearReview, letters: Sequence[Departure], book: Logbook) -> Iterator[Difference]:
    """What the year's page prints of each campaign."""
    count = Counter(each.campaign for each in letters)
    for campaign in review.campaigns:
        noted = [book.entries[each.ref] for each in letters if each.campaign == campaign.campaign]
        name = f"{YEAR} {campaign.campaign}"
        yield Difference(name, "letters", campaign.letters, count[campaign.campaign])
        yield Difference(name, "accepted", campaign.accepted, _sum(noted, "lying"))
        yield Difference(name, "delivered", campaign.delivered, _sum(noted, "read"))
        yield Difference(name, "unsubscribed", campaign.unsubscribed, _sum(noted, "unsubscribed"))
        for rate in campaign.rates:
            told = [each for each in noted if each["measured"] >= SMALLEST_COHORT]
            yield Difference(name, "measured", rate.measured, _sum(told, "measured"))
            yield Difference(name, "rate, high", rate.high, _mean(told, "opened_high"))
            yield Difference(name, "rate, low", rate.low, _mean(told, "opened_low"))
    yield Difference(str(YEAR), "letters", len(review.letters), len(letters))
    topics = sum(each.clicks for each in review.topics)
    clicked = _sum([book.entries[each.ref] for each in letters if each.campaign == "flash"], "clicked")
    yield Difference(str(YEAR), "most followed, at most all clicks", max(topics, clicked), clicked)


def _whole(letters: Sequence[Departure], book: Logbook, journal: Sequence[Entry]) -> Iterator[Difference]:
    """Nothing else is in the journal than letters and confirmation mails, and nobody has a letter twice."""
    mails = sum(book.entries[each.ref]["lying"] for each in letters)
    confirmations = sum(each.get("mails", 0) for each in book.entries.values())
    yield Difference(str(YEAR), "journal", mails + confirmations, len(journal))
    keys = {(one.message_id, one.recipient) for one in journal}
    yield Difference(str(YEAR), "different mails of the journal", len(keys), len(journal))


def _sum(noted: Sequence[Mapping[str, Any]], name: str) -> int:
    return sum(int(each[name]) for each in noted)


def _mean(noted: Sequence[Mapping[str, Any]], name: str) -> float:
    rates = [each[name] / each["measured"] for each in noted if each["measured"]]
    return sum(rates) / len(rates) if rates else 0.0
