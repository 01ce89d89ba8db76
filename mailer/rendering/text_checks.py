"""Checks of what was written: notes left behind, merge fields, typography, dates, the inbox line.

They read the text before names are filled in: a person may be called Lorem.
"""

import re
from collections.abc import Iterator
from datetime import date

from mailer.rendering.findings import Check, Finding, Mail, blocking, warning
from mailer.rendering.slots import say_marks, shorten_marks

_MAX_PREHEADER = 90
_LEFTOVERS = re.compile(
    r"\b(?:TODO|XXX+|FIXME)\b|\blorem\s+ipsum\b|\[(?:à\s+compléter|à\s+venir|to\s+do|tbd)\]", re.IGNORECASE
)
_BRACES = re.compile(r"\{\{[^{}\n]{0,60}\}\}")
_WORD = re.compile(r"\S+")
#: A plain blank where French wants a no-break space, with the end of the word before it or the start of the one after;
#: in the text part it may have become the end of a line.
_BREAKABLE = re.compile(r"\S{0,40}[ \n]{1,8}[;:?!%»](?=\s|$)|«[ \n]{1,8}\S{0,40}")
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_DATE = re.compile(
    rf"\b({'|'.join(_DAYS)})\s+(\d{{1,2}}|1er)\s+({'|'.join(_MONTHS)})(?:\s+(\d{{4}}))?\b", re.IGNORECASE
)


def _written(mail: Mail) -> str:
    compiled = mail.compiled
    return shorten_marks("\n".join((compiled.subject, compiled.preheader, compiled.text)))[0]


def _leftovers(mail: Mail) -> Iterator[Finding]:
    for found in _LEFTOVERS.findall(_written(mail)):
        message, remedy = "A note to yourself was left in the text: {text}.", "Finish or remove it."
        yield blocking("leftover", message=message, remedy=remedy, about=found, text=found)


def _merge_fields(mail: Mail) -> Iterator[Finding]:
    for found in _BRACES.findall(_written(mail)):
        yield blocking(
            "merge-field",
            message="{text} is no known merge field: people will see it as it is.",
            remedy="Known: first_name, last_name, organisation, as in {{ first_name | fallback }}.",
            about=found,
            text=found,
        )


def _inbox_line(mail: Mail) -> Iterator[Finding]:
    compiled = mail.compiled
    preheader = compiled.preheader.strip()
    if not preheader:
        message = "There is no preheader: inboxes will show the first words of the mail."
        yield warning(
            "no-preheader", message=message, remedy="Write what the subject leaves out.", front="preheader"
        )
    elif len(preheader) > _MAX_PREHEADER:
        message = "The preheader has {length} characters; about 90 are shown."
        yield warning("long-preheader", message=message, front="preheader", length=len(preheader))
    if preheader and preheader.casefold() == mail.content.subject.strip().casefold():
        message, remedy = "The preheader repeats the subject.", "Say something else."
        yield warning("same-preheader", message=message, remedy=remedy, front="preheader")
    if mail.content.subject in mail.earlier_subjects:
        message, remedy = "An earlier issue had the same subject.", "Say what is new in this one."
        yield warning("same-subject", message=message, remedy=remedy, front="subject")


def _typography(mail: Mail) -> Iterator[Finding]:
    if mail.compiled.language != "fr":
        return
    broken = _BREAKABLE.findall(_without_addresses(_written(mail)))
    for found in dict.fromkeys(re.sub(r"[ \n]+", " ", text) for text in broken):
        yield warning(
            "typography",
            message="A no-break space is missing beside a punctuation mark: “{text}”.",
            remedy="Put a no-break space there.",
            about=found,
            text=say_marks(found),
        )


def _without_addresses(text: str) -> str:
    return _WORD.sub(lambda word: "" if "://" in word[0] else word[0], text)


def _weekdays(mail: Mail) -> Iterator[Finding]:
    """“mardi 12 mars” where that is a Thursday; without a year, the date before or after the sending counts."""
    near = mail.compiled.date
    if mail.compiled.language != "fr" or near is None:
        return
    for found in _DATE.finditer(_written(mail)):
        said, day, month, year = found.groups()
        number, place = int(day.removesuffix("er")), _MONTHS.index(month.casefold()) + 1
        other = near.year + 1 if (place, number) < (near.month, near.day) else near.year - 1
        dates = [_date(each, place, number) for each in ([int(year)] if year else [near.year, other])]
        if not any(each and _DAYS[each.weekday()] == said.casefold() for each in dates):
            message, remedy = "{text}: this date is not on that weekday.", "Check both."
            text = " ".join(found[0].split())
            yield warning("weekday", message=message, remedy=remedy, about=found[0], text=text)


def _past(mail: Mail) -> Iterator[Finding]:
    """A day of the week with its year is a date that people are asked to keep: not one before the sending."""
    near = mail.compiled.date
    if mail.compiled.language != "fr" or near is None:
        return
    for found in _DATE.finditer(_written(mail)):
        _, day, month, year = found.groups()
        if year is None:
            continue
        when = _date(int(year), _MONTHS.index(month.casefold()) + 1, int(day.removesuffix("er")))
        if when is not None and when < near:
            text = " ".join(found[0].split())
            message, remedy = "{text}: that is before the day of sending.", "Check the date."
            yield warning("past-date", message=message, remedy=remedy, about=when.isoformat(), text=text)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


OF_ISSUE: tuple[Check, ...] = (_leftovers, _merge_fields, _inbox_line, _typography, _weekdays, _past)
