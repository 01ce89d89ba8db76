"""Words about events: what each letter is for, when and where, what must be told."""

from datetime import datetime

from mailer.i18n import Translator, marked
from mailer.model.calendar import CalendarEvent, EventLetter
from mailer.web.words import capital, full_day_and_hour
from mailer.workspace.event_values import event_values

LETTERS = {
    EventLetter.SAVE_THE_DATE: marked("Save the date"),
    EventLetter.FORTNIGHT: marked("Two weeks before"),
    EventLetter.EVE: marked("The day before"),
    EventLetter.REPLAY: marked("The recording"),
    EventLetter.CHANGED: marked("The change"),
    EventLetter.CANCELLED: marked("The cancellation"),
}
DONE = {
    "create": marked("The event is created, and its letters are begun."),
    "change": marked("The event is changed. What was scheduled with another date or place is held back."),
    "cancel": marked("The event is cancelled. What was scheduled about it is held back."),
    "letters": marked("The letters are begun."),
}


def letter(t: Translator, code: str) -> str:
    return t(LETTERS[EventLetter(code)]) if code in set(EventLetter) else code


def planned(t: Translator, at: datetime | None) -> str:
    return capital(full_day_and_hour(t, at)) if at else "–"


def sentence(t: Translator, event: CalendarEvent) -> str:
    """Rencontre de l’eau : jeudi 17 septembre 2026, 9 h 30 à 16 h, Salle des fêtes."""
    values = event_values(event, t.language)
    said = ", ".join(
        filter(None, (values["day"], values["time"], values.get("place") or values.get("online", "")))
    )
    line = t("{label}: {value}", label=event.title, value=said)
    return f"{line} {t('Cancelled.')}" if event.cancelled else line


def offer(t: Translator, what: EventLetter) -> str:
    if what is EventLetter.CANCELLED:
        return t("Some people have a letter that announces this event: tell them that it is cancelled.")
    return t("Some people have a letter with the former date or place: tell them what has changed.")
