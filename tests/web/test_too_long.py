"""What is too large to be read is said by the desk, with the way back; nothing of it is saved."""

from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, expect

from mailer.model.accounts import Role
from mailer.web import composing_reading, imports
from tests.web.conftest import Desk
from tests.web.test_composing import PAGE, opened
from tests.web.test_composing_browser import REF, open_page, text_of

LARGE = b"x" * (composing_reading.MOST_BYTES + 1)


def test_a_letter_that_is_too_large_leads_back_to_its_form(desk: Desk) -> None:
    session, before = desk.browser(Role.WRITER), text_of(desk, REF)
    form = opened(desk, session)
    answer = session.post(
        desk.url + PAGE, data=form | {"act": "save"}, files={"b2.image.file": ("a.png", LARGE)}
    )
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "plus de 16\u00a0Mo en tout" in answer.text
    assert f'class="btn btn--primary" href="{PAGE}"' in answer.text
    assert text_of(desk, REF) == before


def test_a_letter_without_an_announced_length_is_stopped_the_same(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    pieces = (LARGE[at : at + 1_000_000] for at in range(0, len(LARGE) + 1_000_000, 1_000_000))
    body = (b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n', *pieces, LARGE)
    answer = session.post(desk.url + PAGE, data=iter(body), headers=kind)
    assert answer.status_code == 413
    assert "en tout" in answer.text


def test_a_script_is_told_in_its_own_form(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    answer = session.post(
        desk.url + PAGE, files={"b2.image.file": ("a.png", LARGE)}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 413
    assert "plus de 16\u00a0Mo" in answer.json()["error"]


def test_an_import_and_any_other_form_say_so_too(desk: Desk) -> None:
    session = desk.browser()
    large = b"x" * (imports.MOST_BYTES + 1)
    answer = session.post(f"{desk.url}/importer", files={"file": ("a.csv", large)})
    assert answer.status_code == 413
    assert 'href="/importer"' in answer.text
    answer = desk.post(session, "/compte/mot-de-passe", password="a" * 100_000)
    assert answer.status_code == 413
    assert "64\u00a0ko" in answer.text


def test_whoever_has_not_logged_in_learns_nothing_of_the_desk(desk: Desk) -> None:
    session = requests.Session()
    session.headers["Origin"] = desk.url
    answer = session.post(f"{desk.url}/connexion", data={"address": "a" * 100_000})
    assert answer.status_code == 413
    assert "64\u00a0ko" in answer.text
    assert "/lettres" not in answer.text


@pytest.mark.browser
def test_the_page_is_read_in_a_browser_without_a_script_and_leads_back(
    desk: Desk, browser: Browser, tmp_path: Path
) -> None:
    large = tmp_path / "photo.png"
    large.write_bytes(LARGE)
    page = open_page(desk, browser, f"{PAGE}?ouvert=2", java_script_enabled=False)
    page.set_input_files("[name='b2.image.file']", large)
    page.click("button[data-plain]")
    expect(page.get_by_role("alert")).to_contain_text("a cessé de lire")
    page.get_by_role("link", name="Revenir à la lettre").click()
    expect(page.locator("#lettre")).to_be_visible()
    page.context.close()
