"""Importing on the desk: nothing is written before the yes, and nothing of a file stays behind."""

import io
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser
from sqlalchemy import func, select

from mailer.app import start_heartbeat, uploads
from mailer.model.accounts import Role
from mailer.model.columns import table
from mailer.model.people import Contact, ImportRun
from mailer.web import imports
from tests.web.conftest import Desk

HEADINGS = "Courriel;Prénom;Nom;Newsletter;Couleur\n"
TEXT = HEADINGS + "a@ville.example;Anne;Aude;oui;vert\nnowhere;=1+1;<b>Zoé</b>;oui;bleu\n"


def sent(desk: Desk, session: requests.Session, text: bytes, **more: str) -> requests.Response:
    values = {"csrf": str(session.headers["X-Test-Csrf"]), "kind": "contacts", "name": "contacts.csv", **more}
    files = {"file": (values.pop("name"), io.BytesIO(text), "text/csv")}
    return session.post(f"{desk.url}/importer", data=values, files=files, allow_redirects=False)


def waiting(desk: Desk) -> list[Path]:
    place = desk.mailer.settings.state / uploads.FOLDER
    # os.walk passes over a folder that goes away meanwhile.
    return [Path(folder) / name for folder, _, names in os.walk(place) for name in names]


def count(desk: Desk, model: type) -> int:
    with desk.mailer.store.read() as tx:
        return int(tx.execute(select(func.count()).select_from(table(model))).scalar_one())


@pytest.fixture
def officer(desk: Desk) -> requests.Session:
    return desk.browser(Role.SENDER)


@pytest.fixture
def looked(desk: Desk, officer: requests.Session) -> str:
    """The page of a waiting file."""
    answer = sent(desk, officer, TEXT.encode())
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_a_file_is_looked_at_before_anything_is_written(
    desk: Desk, officer: requests.Session, looked: str
) -> None:
    text = officer.get(desk.url + looked).text
    assert "contacts.csv" in text
    assert "Importer 1 ligne<" in text.replace("\xa0", " ")
    assert "point-virgule" in text
    assert "UTF-8" in text
    assert "Couleur" in text
    assert "Ce n’est pas une adresse" in text
    assert (count(desk, Contact), count(desk, ImportRun)) == (0, 0)


def test_the_yes_imports_once_and_removes_the_file(
    desk: Desk, officer: requests.Session, looked: str
) -> None:
    assert len(waiting(desk)) == 1
    assert desk.post(officer, f"{looked}/confirmer").headers["Location"] == "/importer?fait=import"
    assert (count(desk, Contact), count(desk, ImportRun), waiting(desk)) == (1, 1, [])
    assert desk.post(officer, f"{looked}/confirmer").status_code == 404
    text = officer.get(f"{desk.url}/importer?fait=import").text
    assert "contacts.csv" in text
    assert "sender@reseau.example" in text


def test_the_last_import_is_undone_once(desk: Desk, officer: requests.Session, looked: str) -> None:
    desk.post(officer, f"{looked}/confirmer")
    page = officer.get(f"{desk.url}/importer").text
    (path,) = re.findall(r'action="(/importer/\d+/annuler)"', page)
    assert desk.post(officer, path).headers["Location"] == "/importer?fait=annulation"
    assert count(desk, Contact) == 0
    page = officer.get(f"{desk.url}/importer").text
    assert path not in page
    assert ">Annulé<" in page
    again = desk.post(officer, path)
    assert (again.status_code, "déjà annulé" in again.text) == (409, True)


def test_the_no_removes_the_file(desk: Desk, officer: requests.Session, looked: str) -> None:
    assert desk.post(officer, f"{looked}/abandonner").status_code == 303
    assert (count(desk, Contact), waiting(desk)) == (0, [])


def test_a_waiting_file_is_private(desk: Desk, looked: str) -> None:
    (path,) = waiting(desk)
    assert path.parent.stat().st_mode & 0o077 == 0
    assert path.parent.parent.stat().st_mode & 0o077 == 0
    assert path.read_bytes() == TEXT.encode()


def test_nobody_else_sees_or_confirms_a_waiting_file(desk: Desk, looked: str) -> None:
    other = desk.browser(Role.ADMINISTRATOR)
    assert other.get(desk.url + looked).status_code == 404
    assert desk.post(other, f"{looked}/confirmer").status_code == 404
    assert count(desk, Contact) == 0


def test_a_file_that_waited_too_long_is_gone(desk: Desk, officer: requests.Session, looked: str) -> None:
    desk.clock.advance(uploads.PATIENCE + timedelta(seconds=1))
    assert officer.get(desk.url + looked).status_code == 404
    uploads.clear(desk.mailer.settings.state, at=desk.clock.now())
    assert waiting(desk) == []


def test_the_rejected_lines_are_mended_and_imported_again(
    desk: Desk, officer: requests.Session, looked: str
) -> None:
    answer = officer.get(f"{desk.url}{looked}/rejets")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    text = answer.content.decode("utf-8-sig")
    assert "'=1+1" in text
    assert "a@ville.example" not in text
    again = sent(desk, officer, text.replace("nowhere", "zoe@ville.example").encode(), name="rejets.csv")
    assert desk.post(officer, f"{again.headers['Location']}/confirmer").status_code == 303
    with desk.mailer.store.read() as tx:
        (person,) = tx.execute(select(table(Contact))).all()
    assert (person.address, person.first_name, person.last_name) == (
        "zoe@ville.example",
        "=1+1",
        "<b>Zoé</b>",
    )


def test_a_hostile_name_and_hostile_cells_are_shown_as_text(desk: Desk, officer: requests.Session) -> None:
    hostile = '../../<img src=x>"\u202e.csv'
    text = HEADINGS.replace("Couleur", "<script>1</script>") + "<i>x</i>;<script>2</script>;;;\n"
    answer = sent(desk, officer, text.encode(), name=hostile)
    page = officer.get(desk.url + answer.headers["Location"]).text
    page = page.replace('<script src="/static/importing.js" defer>', "")
    assert not re.search(r"<script|<img|<i>|\u202e", page)
    assert "&lt;script&gt;" in page
    (path,) = waiting(desk)
    assert path.resolve().is_relative_to((desk.mailer.settings.state / uploads.FOLDER).resolve())


@pytest.mark.parametrize(
    ("text", "said"),
    [(b"", "est vide"), (b"Liste;\nNom;Courriel\nA;b\n", "ligne 2"), (b"PK\x03\x04 damaged", "classeur")],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(
    desk: Desk, officer: requests.Session, text: bytes, said: str
) -> None:
    answer = officer.get(desk.url + sent(desk, officer, text).headers["Location"])
    assert answer.status_code == 422
    assert said in answer.text
    assert waiting(desk) == []


def test_no_file_and_no_kind_are_refused_with_the_form(desk: Desk, officer: requests.Session) -> None:
    for answer in (sent(desk, officer, b"x", name=""), sent(desk, officer, b"x", kind="users")):
        assert answer.status_code == 422
        assert 'name="file"' in answer.text
    assert waiting(desk) == []


def test_a_foreign_form_leaves_nothing(desk: Desk, officer: requests.Session) -> None:
    assert sent(desk, officer, TEXT.encode(), csrf="guessed").status_code == 403
    assert waiting(desk) == []


def test_a_file_before_the_token_leaves_nothing(desk: Desk, officer: requests.Session) -> None:
    csrf = str(officer.headers["X-Test-Csrf"])
    parts = {"file": ("a.csv", b"Courriel\n", "text/csv"), "csrf": (None, csrf), "kind": (None, "contacts")}
    assert officer.post(f"{desk.url}/importer", files=parts).status_code == 403
    assert waiting(desk) == []


def test_a_form_that_is_none_or_has_no_end_leaves_nothing(desk: Desk, officer: requests.Session) -> None:
    kinds = {"Content-Type": "multipart/form-data; boundary=x"}
    for body in (b"not a part", _begun(officer)):
        assert officer.post(f"{desk.url}/importer", data=body, headers=kinds).status_code in {403, 422}
        assert waiting(desk) == []


def test_a_transfer_that_breaks_off_leaves_nothing(desk: Desk, officer: requests.Session) -> None:
    with _raw(desk, officer, length=10_000) as connection:
        connection.send(_begun(officer))
        while not waiting(desk):
            time.sleep(0.01)
    while waiting(desk):
        time.sleep(0.01)
    assert count(desk, Contact) == 0


def test_a_file_longer_than_the_limit_is_not_even_begun(desk: Desk, officer: requests.Session) -> None:
    with _raw(desk, officer, length=imports.MOST_BYTES + 1) as connection:
        assert connection.getresponse().status == 413
    assert waiting(desk) == []


def test_the_heartbeat_looks_for_files_that_nobody_confirmed(desk: Desk) -> None:
    scheduler = start_heartbeat(desk.mailer)
    job = scheduler.get_job("uploads")
    scheduler.shutdown(wait=True)
    assert job is not None


def _begun(session: requests.Session) -> bytes:
    """The right fields, and a file whose end never comes."""
    csrf = str(session.headers["X-Test-Csrf"])
    fields = {"csrf": csrf, "kind": "contacts"}
    said = [f'--x\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
    begun = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nCourriel\r\na@b'
    return ("".join(said) + begun).encode()


@contextmanager
def _raw(desk: Desk, session: requests.Session, *, length: int) -> Iterator[HTTPConnection]:
    """A request of which only the beginning is sent."""
    host = desk.url.removeprefix("http://")
    connection = HTTPConnection(host)
    connection.putrequest("POST", "/importer")
    secret = session.cookies.get("relais") or ""
    for name, value in {
        "Origin": desk.url,
        "Cookie": f"relais={secret}",
        "Content-Type": "multipart/form-data; boundary=x",
        "Content-Length": str(length),
    }.items():
        connection.putheader(name, value)
    connection.endheaders()
    yield connection
    connection.close()


@pytest.mark.browser
def test_the_chooser_of_the_file_has_a_line_of_its_own_on_a_telephone(desk: Desk, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 900})
    secret = str(desk.browser().cookies.get("relais"))
    context.add_cookies([{"name": "relais", "value": secret, "url": desk.url}])
    page = context.new_page()
    page.goto(f"{desk.url}/importer")
    kind, file = (page.locator(each).bounding_box() for each in ("#kind", "#file"))
    assert kind is not None
    assert file is not None
    assert (kind["width"], file["width"]) == (308, 308)
    page.set_viewport_size({"width": 1440, "height": 900})
    kind, file = (page.locator(each).bounding_box() for each in ("#kind", "#file"))
    assert kind is not None
    assert file is not None
    assert abs(kind["y"] + kind["height"] - file["y"] - file["height"]) < 2
    context.close()
