"""The campaign's page, the year and the files, as people ask for them."""

import csv
import io
import re
from datetime import UTC, datetime
from math import ceil

import pytest

from mailer.model.accounts import Role
from tests.web.conftest import Desk
from tests.web.data import PEOPLE, add_send

LETTER = "flash/2026-06-11"


def _read(desk: Desk, path: str, *, language: str = "fr") -> str:
    session = desk.browser(Role.READER)
    if language != "fr":
        desk.post(session, "/reglages/langue", language=language)
    answer = session.get(desk.url + path)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_a_year_without_letters_says_so(desk: Desk) -> None:
    text = _read(desk, "/bilan/2026")
    assert "le réseau n’a envoyé aucune lettre" in text
    assert "Aucune lettre n’est partie en 2026" in text
    assert "%" not in text


def test_the_year_has_its_paragraph_and_its_tables(desk: Desk) -> None:
    add_send(desk.mailer)
    rate = desk.mailer.report(LETTER).letter.rate_high
    text = _read(desk, "/bilan/2026")
    assert f"le réseau a envoyé 1 lettre « Flash hebdo » à {PEOPLE - 1} destinataires" in text
    assert f"{round(100 * (rate or 0))} %" in text
    assert "In 2026, so far, the network sent 1 letter" in _read(desk, "/bilan/2026", language="en")


@pytest.mark.parametrize("year", ["1999", "2100"])
def test_a_year_that_nobody_sent_in_is_not_found(desk: Desk, year: str) -> None:
    assert desk.browser().get(f"{desk.url}/bilan/{year}").status_code == 404


def test_a_campaign_that_is_not_measured_has_no_rate_and_no_trend(desk: Desk) -> None:
    add_send(desk.mailer, tracking="none")
    with desk.mailer.store.write() as tx:
        tx.exec_driver_sql("UPDATE delivery SET measured = FALSE")
    text = _read(desk, "/resultats/flash")
    assert "ni taux, ni tendance" in text
    assert "non mesuré" in text


def test_a_campaign_says_where_its_measure_changed(desk: Desk) -> None:
    add_send(desk.mailer, "flash/2026-06-04", at="2026-06-12 10:00", hours_ago=30, tracking="anonymous")
    add_send(desk.mailer)
    text = _read(desk, "/resultats/flash")
    assert "De part et d’autre d’une ligne brisée" in text
    assert "Santé de la liste" in text


def test_a_campaign_says_which_difference_is_more_than_chance(desk: Desk) -> None:
    add_send(desk.mailer)
    assert "pour la distinguer du hasard" not in _read(desk, "/resultats/flash")
    add_send(desk.mailer, "flash/2026-06-04", at="2026-06-12 10:00", hours_ago=30)
    found = desk.mailer.measures.run("flash").discernible
    assert found is not None
    assert found.difference is not None
    text = _read(desk, "/resultats/flash")
    assert f"Il faut une différence d’environ {ceil(100 * found.difference)} points entre deux" in text
    assert f"les 2 mesurées depuis 12 mois ont, en médiane, {found.copies} copies mesurées" in text


def test_an_unknown_campaign_is_not_found(desk: Desk) -> None:
    assert desk.browser().get(f"{desk.url}/resultats/nothing").status_code == 404


def test_the_clicks_stand_on_the_mail_where_they_are_counted(desk: Desk) -> None:
    add_send(desk.mailer)
    assert f"/resultats/{LETTER}/liens" in desk.browser().get(f"{desk.url}/resultats/{LETTER}").text
    answer = desk.browser(Role.READER).get(f"{desk.url}/resultats/{LETTER}/liens")
    report = desk.mailer.report(LETTER)
    counts = {link.clicks for link in report.links if link.clicks}
    assert counts
    for count in counts:
        assert re.search(rf">{count}\s+clics?</span>", answer.text), count
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    assert f'src="{desk.mailer.settings.base_url}/media/' not in answer.text


def test_without_consent_no_link_bears_a_number(desk: Desk) -> None:
    add_send(desk.mailer, tracking="anonymous")
    answer = desk.browser().get(f"{desk.url}/resultats/{LETTER}/liens")
    assert answer.status_code == 200
    assert " clic" not in answer.text


def test_the_clicks_of_a_handful_are_not_shown_and_the_page_says_why(desk: Desk) -> None:
    add_send(desk.mailer)
    with desk.mailer.store.write() as tx:
        few = "SELECT id FROM delivery WHERE state = 'accepted' ORDER BY id LIMIT 15"
        tx.exec_driver_sql(f"UPDATE delivery SET measured = FALSE WHERE id NOT IN ({few})")
    assert "poignée de personnes" in _read(desk, f"/resultats/{LETTER}")
    browser = desk.browser()
    assert "/liens" not in browser.get(f"{desk.url}/resultats/{LETTER}").text
    assert " clic" not in browser.get(f"{desk.url}/resultats/{LETTER}/liens").text
    assert "Aucun clic à montrer" in _read(desk, f"/bilan/{datetime.now(UTC).year}")


def test_a_file_is_what_the_page_shows(desk: Desk) -> None:
    add_send(desk.mailer)
    session = desk.browser()
    answer = session.get(f"{desk.url}/exports/lettres/{LETTER}.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "flash-2026-06-11.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert ["Copies mesurées", str(PEOPLE - 1)] in rows
    assert session.get(f"{desk.url}/exports/lettres.xlsx").content.startswith(b"PK")
    for page in (f"/exports/lettres/{LETTER}.pdf", f"/exports/bilans/{datetime.now(UTC).year}.pdf"):
        answer = session.get(desk.url + page)
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
    assert session.get(f"{desk.url}/exports/lettres/{LETTER}.ods").status_code == 404
