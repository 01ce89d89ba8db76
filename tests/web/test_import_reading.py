"""Encoding and separator are guessed, shown with accents, and corrected by hand; rejected lines are mended afterwards."""

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from mailer.app import editing, persons, rejects, undoing
from mailer.model.accounts import Role
from mailer.model.columns import table
from mailer.model.people import Contact
from tests.importing.files import written
from tests.web.conftest import Desk

TEXT = "Courriel;Prénom;Nom\na@ville.example;Zoé;Hélary\n"
REJECTED = "Qui;Prénom\na@ville.example;Anne\nnowhere;=1+1\nalso nowhere;Zoé\n"
BY = "claude@reseau.example"


@pytest.fixture
def officer(desk: Desk) -> requests.Session:
    return desk.browser(Role.SENDER)


def waiting(desk: Desk, session: requests.Session, raw: bytes) -> str:
    values = {"csrf": str(session.headers["X-Test-Csrf"]), "kind": "contacts"}
    files = {"file": ("people.csv", io.BytesIO(raw), "text/csv")}
    answer = session.post(f"{desk.url}/importer", data=values, files=files, allow_redirects=False)
    return answer.headers["Location"]


def written_in(desk: Desk, text: str) -> Path:
    return written(desk.mailer.settings.state, text)


def selected(page: str, name: str) -> str:
    (found,) = re.findall(rf'<select class="input" id="{name}".*?</select>', page, re.DOTALL)
    return re.findall(r'<option value="([^"]*)" selected', found)[0]


def names(desk: Desk) -> set[str]:
    with desk.mailer.store.read() as tx:
        return set(tx.execute(select(table(Contact).c.first_name)).scalars())


@pytest.mark.parametrize(("encoding", "guess"), [("utf-8", "utf-8-sig"), ("cp1252", "cp1252")])
def test_the_guess_is_shown_with_the_cells_that_have_accents(
    desk: Desk, officer: requests.Session, encoding: str, guess: str
) -> None:
    page = officer.get(desk.url + waiting(desk, officer, TEXT.encode(encoding))).text
    assert (selected(page, "e"), selected(page, "s")) == (guess, "semicolon")
    (shown,) = re.findall(r'id="accents">(.*?)</p>', page)
    assert re.findall(r"<bdi>(.*?)</bdi>", shown) == ["Prénom", "Zoé", "Hélary"]


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
def test_a_wrong_guess_is_corrected_seen_again_and_imported(
    desk: Desk, officer: requests.Session, encoding: str
) -> None:
    place = waiting(desk, officer, TEXT.encode(encoding))
    assert "Zoé" not in officer.get(desk.url + place).text
    query = f"?e={encoding}&s=semicolon"
    page = officer.get(desk.url + place + query).text
    assert (selected(page, "e"), "Zoé" in page) == (encoding, True)
    assert f'name="e" value="{encoding}"' in page
    action = re.findall(r'action="([^"]*confirmer[^"]*)"', page)[0].replace("&amp;", "&")
    assert desk.post(officer, action).status_code == 303
    assert names(desk) == {"Zoé"}


def test_another_separator_cuts_the_lines_anew(desk: Desk, officer: requests.Session) -> None:
    place = waiting(desk, officer, TEXT.replace(";", "|").encode())
    assert "Dites quelle colonne contient" in officer.get(desk.url + place).text
    page = officer.get(f"{desk.url}{place}?s=pipe").text
    assert selected(page, "s") == "pipe"
    assert "Importer 1 ligne" in page.replace("\xa0", " ")


def _form_of_reading(page: str) -> dict[str, str]:
    """What the form with the encoding sends beside its two choices."""
    form = page[page.index('<form class="row" method="get"') :]
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[: form.index("</form>")])
    return dict(hidden)


def test_another_encoding_keeps_the_columns_that_were_chosen(desk: Desk, officer: requests.Session) -> None:
    place = desk.url + waiting(desk, officer, TEXT.replace("Prénom;Nom", "Qui;Quoi").encode("cp850"))
    assert _form_of_reading(officer.get(place).text) == {}
    kept = _form_of_reading(officer.get(place, params={"c0": "address", "c1": "", "c2": "first_name"}).text)
    page = officer.get(place, params={**kept, "e": "cp850", "s": "semicolon"}).text
    assert [selected(page, f"c{number}") for number in range(3)] == ["address", "", "first_name"]
    # Cut into other columns, the file is asked about anew.
    whole = officer.get(place, params={**kept, "e": "cp850", "s": "pipe"})
    assert whole.status_code == 200
    assert 'id="c1"' not in whole.text


def test_without_an_accent_near_the_top_nothing_is_promised_of_the_rest(
    desk: Desk, officer: requests.Session
) -> None:
    page = officer.get(desk.url + waiting(desk, officer, b"Courriel;Nom\na@ville.example;Anne\n")).text
    assert "un accent plus loin peut différer" in page


def test_an_encoding_that_does_not_fit_says_so_and_keeps_the_file(
    desk: Desk, officer: requests.Session
) -> None:
    place = waiting(desk, officer, TEXT.encode("cp1252"))
    answer = officer.get(f"{desk.url}{place}?e=utf-8-sig")
    assert answer.status_code == 422
    assert "ne se lit pas dans cet encodage" in answer.text
    assert selected(answer.text, "e") == "cp1252"
    assert officer.get(desk.url + place).status_code == 200


@pytest.mark.parametrize("query", ["?e=rot13", "?e=../../etc", "?s=zzz", "?e=idna&s="])
def test_what_nobody_knows_is_guessed(desk: Desk, officer: requests.Session, query: str) -> None:
    place = waiting(desk, officer, TEXT.encode())
    assert selected(officer.get(desk.url + place + query).text, "e") == "utf-8-sig"


def imported(desk: Desk, officer: requests.Session) -> str:
    """An import with columns chosen by hand and two rejected lines; the address of those."""
    place = waiting(desk, officer, REJECTED.encode())
    assert desk.post(officer, f"{place}/confirmer?c0=address&c1=first_name").status_code == 303
    (found,) = re.findall(
        r'href="(/importer/historique/\d+/rejets)"', officer.get(f"{desk.url}/importer").text
    )
    return str(found)


def test_rejected_lines_are_mended_after_the_yes_with_the_columns_remembered(
    desk: Desk, officer: requests.Session
) -> None:
    given = officer.get(desk.url + imported(desk, officer)).content.decode("utf-8-sig")
    assert len(given.splitlines()) == 3
    mended = given.replace("also nowhere", "z@ville.example").replace("nowhere", "b@ville.example")
    place = waiting(desk, officer, mended.encode())
    page = officer.get(desk.url + place).text
    assert "choisies à la main" in page
    assert "Importer 2 lignes" in page.replace("\xa0", " ")
    assert desk.post(officer, f"{place}/confirmer").status_code == 303
    assert names(desk) == {"Anne", "=1+1", "Zoé"}


def test_they_are_kept_for_seven_days(desk: Desk, officer: requests.Session) -> None:
    imported(desk, officer)
    state = desk.mailer.settings.state
    desk.clock.advance(timedelta(days=6, hours=23))
    undoing.forget_old(desk.mailer)
    assert len(rejects.kept(state)) == 1
    desk.clock.advance(timedelta(hours=1, seconds=1))
    undoing.forget_old(desk.mailer)
    assert not rejects.kept(state)


def test_an_undone_import_keeps_none(desk: Desk, officer: requests.Session) -> None:
    place = imported(desk, officer)
    (run,) = rejects.kept(desk.mailer.settings.state)
    undoing.undo(desk.mailer, run, by=BY)
    assert officer.get(desk.url + place).status_code == 404


def test_somebody_erased_before_an_import_stands_in_none_of_its_files(
    desk: Desk, officer: requests.Session
) -> None:
    """Whatever else is wrong with the line."""
    desk.mailer.import_file("contacts", written_in(desk, "Courriel\na@ville.example\n"), by=BY)
    persons.erase(desk.mailer, "a@ville.example", by=BY)
    text = "Courriel;Inscrit le;Nom\na@ville.example;hier;Aude\nnowhere;;Bo\n"
    desk.mailer.import_file("contacts", written_in(desk, text), by=BY)
    (run,) = rejects.kept(desk.mailer.settings.state)
    kept = rejects.read(desk.mailer.settings.state, run).decode()
    assert ("Bo" in kept, "Aude" in kept, "a@ville" in kept) == (True, False, False)
    desk.mailer.import_file("exclusions", written_in(desk, "Courriel\na@ville.example\n"), by=BY)
    assert rejects.kept(desk.mailer.settings.state) == {run}


def test_an_erased_person_stands_in_none(desk: Desk, officer: requests.Session) -> None:
    imported(desk, officer)
    state = desk.mailer.settings.state
    editing.move(desk.mailer, "a@ville.example", "neuf@ville.example", by=BY)
    rejects.keep(state, 7314, iter(["Courriel\nA@VILLE.example\n"]), at=desk.clock.now())
    persons.erase(desk.mailer, "neuf@ville.example", by=BY)
    assert 7314 not in rejects.kept(state)


def test_the_files_are_private(desk: Desk, officer: requests.Session) -> None:
    imported(desk, officer)
    (file,) = (desk.mailer.settings.state / rejects.FOLDER).iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
def test_a_text_that_no_guess_fits_waits_for_somebody_who_knows(
    desk: Desk, officer: requests.Session, encoding: str
) -> None:
    place = waiting(desk, officer, "Courriel;Prénom\na@ville.example;Françüìs\n".encode(encoding))
    answer = officer.get(desk.url + place)
    assert (answer.status_code, selected(answer.text, "e")) == (422, "mac_roman")
    assert "ni en UTF-8 ni en Windows-1252" in answer.text
    assert "Françüìs" in officer.get(f"{desk.url}{place}?e={encoding}").text
    assert "Françüìs" in officer.get(f"{desk.url}{place}?e={encoding}&s=semicolon").text


def test_what_is_no_text_at_all_is_put_aside(desk: Desk, officer: requests.Session) -> None:
    place = waiting(desk, officer, bytes(range(256)) * 4)
    assert officer.get(desk.url + place).status_code == 422
    assert officer.get(desk.url + place).status_code == 404
