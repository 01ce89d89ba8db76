"""The paragraph of a year: each rate with how it was measured, singular and plural, nothing invented."""

from datetime import UTC, datetime

import pytest

from mailer.i18n import Translator
from mailer.reporting import year
from mailer.reporting.paragraph import paragraph
from mailer.store import Store
from tests.reporting.sent import BEGAN
from tests.reporting.test_series import add_letter

RHYTHMS = {"newsletter": "monthly", "flash": "weekly"}
LATER = datetime(2027, 2, 1, tzinfo=UTC)


def said(store: Store, *, language: str = "fr", at: datetime = LATER) -> str:
    with store.read() as tx:
        review = year.year_review(tx, 2026, at=at, zone="Europe/Paris", rhythms=RHYTHMS)
    return paragraph(review, Translator(language)).replace("\u00a0", " ").replace("\u202f", " ")


def test_a_year_without_letters_says_so(sqlite_store: Store) -> None:
    assert said(sqlite_store) == "En 2026, le réseau n’a envoyé aucune lettre."
    assert said(sqlite_store, at=BEGAN) == "En 2026, à ce jour, le réseau n’a envoyé aucune lettre."


def test_each_campaign_has_its_sentence(sqlite_store: Store) -> None:
    for days in (60, 30):
        add_letter(
            sqlite_store,
            days,
            copies=1200,
            opened=444,
            campaign="newsletter",
            title="La Newsletter",
            tracking="anonymous",
        )
    add_letter(sqlite_store, 7, copies=300, opened=93, title="Flash hebdo")
    add_letter(sqlite_store, 3, copies=40, campaign="mailing", title="Infos", tracking="none")
    assert said(sqlite_store) == (
        "En 2026, le réseau a envoyé 2 lettres « La Newsletter » à 1 200 destinataires en moyenne, ouvertes à 37 % en moyenne "
        "(mesure anonyme). « Flash hebdo » compte 1 lettre, à 300 destinataires, ouverte à 31 % (parmi les personnes ayant "
        "accepté la mesure). S’y ajoute 1 lettre « Infos », à 40 destinataires, sans mesure des ouvertures."
    )
    assert said(sqlite_store, language="en").startswith(
        "In 2026, the network sent 2 letters “La Newsletter” to 1,200 recipients"
    )


def test_what_leaves_on_occasion_is_told_together(sqlite_store: Store) -> None:
    """But not where it is measured: a rate needs its own sentence."""
    add_letter(sqlite_store, 30, copies=300, opened=93, title="Flash hebdo")
    for days, campaign, title in (
        (5, "reminder", "Rappel"),
        (4, "news", "Info flash"),
        (3, "news", "Info flash"),
    ):
        add_letter(sqlite_store, days, copies=40, campaign=campaign, title=title, tracking="none")
    add_letter(sqlite_store, 2, copies=50, opened=20, campaign="survey", title="Enquête")
    found = said(sqlite_store)
    assert "S’y ajoute 1 lettre « Enquête », à 50 destinataires, ouverte à 40 %" in found
    assert found.endswith(
        "S’y ajoutent 3 lettres ponctuelles (2 « Info flash », 1 « Rappel »), à 40 destinataires en moyenne, sans mesure des "
        "ouvertures."
    )


@pytest.mark.parametrize(("language", "words"), [("fr", "deux façons"), ("en", "two ways")])
def test_two_modes_are_not_averaged(sqlite_store: Store, language: str, words: str) -> None:
    add_letter(sqlite_store, 60, opened=30, tracking="anonymous")
    add_letter(sqlite_store, 7, opened=50)
    found = said(sqlite_store, language=language)
    assert words in found
    assert "%" not in found
