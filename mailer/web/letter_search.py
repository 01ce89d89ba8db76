"""Looking for letters: by words of their subject and text, campaign, state, year; a page of them at a time."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from mailer.app import IssueSummary

#: The states one can look for; `sending` stands for every step of a letter on its way.
STATES = ("draft", "scheduled", "sending", "paused", "done", "cancelled", "missed", "held")
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; empty means any."""

    words: str = ""
    campaign: str = ""
    state: str = ""
    year: str = ""

    def link(self, number: int) -> str:
        """The address of a page of its results."""
        asked = {"q": self.words, "campagne": self.campaign, "etat": self.state, "annee": self.year}
        given = {key: value for key, value in asked.items() if value}
        return f"/lettres?{urlencode({**given, 'p': number})}"


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what was found: `number` of `pages`, both from 1."""

    letters: Sequence[IssueSummary]
    total: int
    number: int
    pages: int


def find(summaries: Sequence[IssueSummary], search: Search, *, number: int, zone: str) -> Results:
    """A page that is not there gives the nearest one."""
    wanted = fold(search.words).split()
    found = [
        each
        for each in summaries
        if search.campaign in {"", each.campaign.slug}
        and _is_in(each, search.state)
        and search.year in {"", year_of(each, zone)}
        and _says(each, wanted)
    ]
    pages = max(1, -(-len(found) // PER_PAGE))
    number = min(max(number, 1), pages)
    start = (number - 1) * PER_PAGE
    return Results(found[start : start + PER_PAGE], len(found), number, pages)


def years(summaries: Sequence[IssueSummary], zone: str) -> list[str]:
    """Every year that a letter is dated in, the latest first."""
    return sorted({year_of(each, zone) for each in summaries} - {""}, reverse=True)


def year_of(summary: IssueSummary, zone: str) -> str:
    """The year that it leaves, left or wishes to leave in; empty without an hour."""
    at = summary.local_at(zone)
    return str(at.year) if at else ""


def fold(text: str) -> str:
    """Small letters without accents: ecole finds École."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def _is_in(summary: IssueSummary, state: str) -> bool:
    if state == "sending":
        return summary.is_running
    return state not in STATES or summary.state == state


def _says(summary: IssueSummary, wanted: Sequence[str]) -> bool:
    """Whether each word stands somewhere in it."""
    if not wanted:
        return True
    said = fold(" ".join(_texts(summary)))
    return all(word in said for word in wanted)


def _texts(summary: IssueSummary) -> Iterator[str]:
    issue = summary.issue
    yield from (issue.subject, issue.second_subject, issue.preheader, summary.ref, summary.campaign.title)
    yield str(issue.number or "")
    for block in issue.blocks:
        yield block.body
        yield from block.attributes.values()
