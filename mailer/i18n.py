"""Words for people, in French and English: gettext catalogues (Babel), plus dates and numbers.

The source strings are the English catalogue; the French one is `mailer/locale/fr/*.po`, one file per room, read
as they are, so that nothing has to be compiled at set-up.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, negotiate_locale
from babel.dates import format_date, format_datetime
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from mailer.errors import MailerError, Problem, WorkspaceError, fill

LOCALE_DIR = Path(__file__).parent / "locale"
LANGUAGES = ("fr", "en")
NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"
#: The number of the day in a pattern, not a letter of a quoted word.
_DAY = re.compile(r"(?<![A-Za-z'])d(?![A-Za-z'])")


def marked(text: str) -> str:
    """The same text, marked as a source string of the catalogues: for tables of words."""
    return text


#: What the operating system says most: it fills the `{reason}` of a sentence, and is translated with it.
SYSTEM_REASONS = (
    marked("No such file or directory"),
    marked("Permission denied"),
    marked("Is a directory"),
    marked("Not a directory"),
    marked("File exists"),
    marked("No space left on device"),
    marked("Read-only file system"),
    marked("Address already in use"),
    marked("Cannot assign requested address"),
    marked("Connection refused"),
)


#: The states of a letter, where they fill the `{state}` of a sentence.
STATES = {
    "draft": marked("draft"),
    "scheduled": marked("scheduled"),
    "starting": marked("starting"),
    "sending": marked("sending"),
    "paused": marked("paused"),
    "settling": marked("waiting for news of doubtful copies"),
    "done": marked("done"),
    "cancelled": marked("cancelled"),
    "missed": marked("missed"),
    "held": marked("held back"),
}

#: What fills a sentence that is kept is cut after so many characters.
_LONGEST_VALUE = 200


def note(error: MailerError) -> str:
    """The sentence of a failure, kept so that `Translator.noted` says it in any language."""
    if isinstance(error, WorkspaceError):
        return str(error)
    return json.dumps({"text": error.text, "values": {k: _cut(v) for k, v in error.values.items()}})


def _cut(value: object) -> object:
    if isinstance(value, int):
        return value
    text = str(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def language_asked(header: str) -> str | None:
    """The first of our languages in an Accept-Language header, whose order browsers keep; None if it has none."""
    asked = [part.partition(";")[0].strip() for part in header.split(",")]
    return negotiate_locale(asked, LANGUAGES, sep="-")


@cache
def _catalog(language: str) -> Catalog:
    catalog = Catalog(locale=language)
    for path in sorted((LOCALE_DIR / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    catalog.add(message.id, message.string)
    return catalog


def written_date(day: date, pattern: str, language: str) -> str:
    """A day as its language writes it, by a pattern of Unicode's LDML."""
    return format_date(day, format=_with_ordinal(day, pattern, language), locale=language)


def _with_ordinal(day: date, pattern: str, language: str) -> str:
    """The first of a month is the "1er" in French; the locale data only knows the number."""
    return _DAY.sub("d'er'", pattern) if language == "fr" and day.day == 1 else pattern


@dataclass(frozen=True, slots=True)
class Translator:
    """One language and zone; `t("text", name=value)` translates and fills `{name}`."""

    language: str
    zone: str = "Europe/Paris"

    def __call__(self, text: str, /, **values: object) -> str:
        return fill(self._message(text), values)

    def error(self, error: MailerError) -> str:
        """The localised sentence of an expected failure."""
        if isinstance(error, WorkspaceError):
            return "\n".join(self.problem(problem) for problem in error.problems)
        return self(error.text, **self._said(error.values))

    def noted(self, kept: str) -> str:
        """The localised sentence of a failure that `note` kept; any other text stays as it is."""
        try:
            found = json.loads(kept)
            return self(found["text"], **self._said(found["values"]))
        except (ValueError, LookupError, TypeError):
            return kept

    def problem(self, problem: Problem) -> str:
        """The localised sentence of one mistake, with its place and remedy."""
        values = self._said(problem.values)
        said = " ".join(self(part, **values) for part in (problem.message, problem.remedy) if part)
        return (
            f"{problem.place}{':' if self.language == 'en' else NO_BREAK_SPACE + ':'} {said}"
            if problem.place
            else said
        )

    def plural(self, singular: str, plural: str, count: int, **values: object) -> str:
        """The form of a counted phrase; `{count}` is filled with the localised number."""
        message = _catalog(self.language).get(singular)
        forms = (
            message.string
            if message and isinstance(message.string, tuple | list) and message.string[0]
            else None
        )
        index = (count > 1) if self.language == "fr" else (count != 1)
        chosen = forms[min(int(index), len(forms) - 1)] if forms else (plural if index else singular)
        return fill(chosen, {"count": self.number(count), **values})

    def _said(self, values: Mapping[str, object]) -> dict[str, object]:
        """The values of a sentence, a reason of the operating system and a letter's state in this language."""
        reason, state = str(values.get("reason", "")), str(values.get("state", ""))
        said = {"reason": self(reason)} if reason in SYSTEM_REASONS else {}
        if state in STATES:
            said["state"] = self(STATES[state])
        return {**values, **said}

    def _message(self, text: str) -> str:
        message = _catalog(self.language).get(text)
        found = message.string if message else ""
        return found if isinstance(found, str) and found else text

    def number(self, value: float) -> str:
        """7 314 in French, 7,314 in English."""
        return format_decimal(value, locale=self.language)

    def percent(self, rate: float | None, digits: int = 1) -> str:
        """A rate from 0 to 1 as 37,1 %; a dash where there is nothing to divide."""
        if rate is None:
            return "–"
        pattern = "#,##0." + "0" * digits if digits else "#,##0"
        space = NO_BREAK_SPACE + "%" if self.language == "fr" else "%"
        return (
            format_percent(rate, format=pattern + "%", locale=self.language).replace("%", "").rstrip() + space
        )

    def date(self, day: date, pattern: str = "d MMMM y") -> str:
        """11 juin 2026, 1er juin 2026; another pattern is written in the letters of Unicode's LDML."""
        return written_date(day, pattern, self.language)

    def instant(self, at: datetime, pattern: str = "") -> str:
        """An instant in the zone: mardi 9 juin 2026 à 14 h 32, à 14 h."""
        local = at.astimezone(ZoneInfo(self.zone))
        french = "EEEE d MMMM y 'à' H 'h'" + (" mm" if local.minute else "")
        usual = french if self.language == "fr" else "EEEE d MMMM y, H:mm"
        return format_datetime(
            local,
            format=_with_ordinal(local, pattern or usual, self.language),
            locale=Locale.parse(self.language),
        )
