"""What the pages make of figures and hours: bases, ranges, comparisons, dates as people say them."""

import re

import pytest

from mailer.model.ledger import SendState
from mailer.reporting import wording
from mailer.store import acts
from mailer.web import words
from tests.conftest import NOW
from tests.web.conftest import Desk
from tests.web.data import PEOPLE, add_send

EARLIER, LATER = "flash/2026-06-04", "flash/2026-06-11"


def _read(desk: Desk, path: str, *, language: str = "fr") -> str:
    """The words of a page, without marks and with plain spaces."""
    session = desk.browser()
    if language != "fr":
        desk.post(session, "/reglages/langue", language=language)
    answer = session.get(desk.url + path)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_a_rate_in_the_list_has_its_range_and_its_base(desk: Desk) -> None:
    add_send(desk.mailer)
    report = desk.mailer.report(LATER)
    t = desk.mailer.translator("fr")
    low, high = (
        t.percent(rate).replace("\u00a0", " ") for rate in (report.letter.rate_low, report.letter.rate_high)
    )
    assert f"de {low} à {high} sur {report.letter.measured} mesurés" in _read(desk, "/resultats")


def test_a_rate_is_read_beside_the_letters_before(desk: Desk) -> None:
    add_send(desk.mailer, EARLIER, at="2026-06-12 10:00", hours_ago=30)
    add_send(desk.mailer, LATER)
    assert "Égal par rapport à sa seule lettre des 12 mois précédents (55 %)" in _read(
        desk, f"/resultats/{LATER}"
    )
    first = _read(desk, f"/resultats/{EARLIER}")
    assert "par rapport à" not in first
    assert "il n’y a rien à quoi la comparer" in first


def test_rates_that_were_counted_differently_are_not_compared(desk: Desk) -> None:
    add_send(desk.mailer, EARLIER, at="2026-06-12 10:00", hours_ago=30, tracking="anonymous")
    add_send(desk.mailer, LATER)
    assert "n’a pas été mesurée de la même façon" in _read(desk, f"/resultats/{LATER}")
    assert "par rapport à" not in _read(desk, "/")


@pytest.mark.parametrize(
    ("rate", "said"), [(0.374, ("up", "+ 1 pt")), (0.341, ("down", "− 2 pts")), (0.362, ("muted", "Égal"))]
)
def test_a_comparison_is_the_distance_of_the_numbers_shown(
    desk: Desk, rate: float, said: tuple[str, str]
) -> None:
    look, text = wording.compared(desk.mailer.translator("fr"), rate, 0.36)
    assert (look, text.replace("\u00a0", " ")) == said


def test_everybody_else_is_the_last_group(desk: Desk) -> None:
    add_send(desk.mailer, cohorts=["autres", "ville"])
    with desk.mailer.store.write() as tx:
        tx.exec_driver_sql("UPDATE delivery SET cohort = 1 WHERE contact_id < 30")
    text = _read(desk, f"/resultats/{LATER}")
    assert text.index("Villes") < text.index("Tous les autres")


def test_a_letter_that_left_says_who_was_targeted_and_asks_for_nothing(desk: Desk) -> None:
    before = _read(desk, f"/lettres/{LATER}")
    assert "Contrôles" in before
    add_send(desk.mailer, state=SendState.DONE)
    after = _read(desk, f"/lettres/{LATER}")
    assert f"{PEOPLE} personnes visées au départ" in after
    assert "Contrôles" not in after
    assert "Ceci est le fichier tel qu’il est maintenant" in after


def test_an_hour_that_has_passed_is_said_before_it_is_refused(desk: Desk) -> None:
    said = "Elle est passée"
    assert said in _read(desk, f"/lettres/{EARLIER}")
    assert said not in _read(desk, "/lettres/mailing/2026-06-18-j-14")


def test_what_was_done_is_told_with_its_hour_in_words(desk: Desk) -> None:
    with desk.mailer.store.write() as tx:
        acts.record(
            tx, at=NOW, by="x@reseau.example", act="schedule", object=LATER, detail="2026-06-12 09:30"
        )
    text = _read(desk, f"/lettres/{LATER}")
    assert "Programmé : vendredi 12 juin 2026 à 9 h 30" in text
    assert "2026-06-12 09:30" not in text


def test_another_year_is_named_in_lists(desk: Desk) -> None:
    path = desk.mailer.settings.workspace / "campaigns/flash/2026-05-28.md"
    path.write_text(path.read_text("utf-8").replace("send_at: 2026-05-28", "send_at: 2025-05-28"), "utf-8")
    text = _read(desk, "/lettres")
    assert "Jeu. 4 juin," in text
    assert "Mer. 28 mai 2025," in text


def test_english_names_keep_their_capitals(desk: Desk) -> None:
    text = _read(desk, "/", language="en")
    assert "Thursday 11 June 2026 at 9:00" in text
    assert "June 2026" in text
    assert "Flash hebdo no. 47" in text


def test_the_pace_of_the_provider_is_a_sentence(desk: Desk) -> None:
    t = desk.mailer.translator("fr")
    assert words.pace(t, "100/s") == "100 messages par seconde au plus"
    assert words.pace(t, "500/5min") == "500/5min"


def test_a_letter_without_a_number_is_named_by_its_subject(desk: Desk) -> None:
    ref = "mailing/2026-06-12-info-flash"
    subject = desk.mailer.find(ref)[2].subject
    page = desk.browser().get(f"{desk.url}/lettres/{ref}").text
    assert f"<title>{subject}" in page.replace("&#39;", "'")
    assert f"{subject}, pas encore programmé".replace("\u00a0", " ") in _read(desk, "/")
