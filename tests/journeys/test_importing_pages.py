"""The wizard of imports in Debian's chromium, on the example network: look, say yes, mend, again, undo exactly."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from mailer.model.accounts import Role
from mailer.model.columns import table
from mailer.model.people import Contact, Exclusion, Membership, Organisation, Subscription
from tests.journeys.conftest import DATA
from tests.web.conftest import Desk, desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
__all__ = ["desk"]
EXPECTED: dict[str, Any] = json.loads((DATA / "expected.json").read_text("utf-8"))
STATE = (Organisation, Membership, Exclusion, Contact, Subscription)


@pytest.fixture
def officer(desk: Desk, browser: Browser) -> Iterator[Page]:
    """A page of somebody who may import."""
    secret = desk.browser(Role.SENDER).cookies["relais"]
    context = browser.new_context(locale="fr-FR")
    context.add_cookies([{"name": "relais", "value": secret, "url": desk.url}])
    yield context.new_page()
    context.close()


def looked_at(desk: Desk, page: Page, kind: str, path: Path) -> str:
    """What the page says that the file would do."""
    page.goto(f"{desk.url}/importer")
    page.select_option("#kind", kind)
    page.set_input_files("#file", path)
    with page.expect_navigation():  # to its end: the page is long, and half of it could be read before
        page.click("form[enctype] button[type=submit]")
    return re.sub(r"\s", " ", page.inner_text("main"))


def imported(desk: Desk, page: Page, kind: str, path: Path) -> None:
    looked_at(desk, page, kind, path)
    with page.expect_navigation():
        page.click("form[action*=confirmer] .btn--primary")
    assert "Le fichier est importé" in page.inner_text("main")


def undone(desk: Desk, page: Page, kind: str) -> None:
    page.goto(f"{desk.url}/importer")
    with page.expect_navigation():
        page.locator("tr", has_text=kind).get_by_role("button").first.click()
    assert "L’import est annulé" in page.inner_text("main")


def stored(desk: Desk) -> list[list[tuple[Any, ...]]]:
    with desk.mailer.store.read() as tx:
        return [
            [tuple(row) for row in tx.execute(select(table(each)).order_by(table(each).c.id))]
            for each in STATE
        ]


def counts(desk: Desk) -> tuple[int, int]:
    return desk.mailer.audience("abonnes").count, desk.mailer.audience("adherents").count


def mended(text: str) -> str:
    """Every rejected line with an address that can be used."""
    heading, *lines = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";")
    place = heading.index("Courriel")
    for number, line in enumerate(lines):
        line[place] = f"reparee.{number}@commune.example"
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([heading, *lines])
    assert len(lines) == EXPECTED["invalid"]
    return out.getvalue()


def test_the_example_network_is_imported_mended_and_taken_back(
    desk: Desk, officer: Page, tmp_path: Path
) -> None:
    imported(desk, officer, "organisations", DATA / "collectivites.csv")
    imported(desk, officer, "exclusions", DATA / "desinscrits.csv")
    before = stored(desk)

    said = looked_at(desk, officer, "contacts", DATA / "contacts.csv")
    assert f"Importer {EXPECTED['contacts']:,} lignes".replace(",", " ") in said
    with officer.expect_download() as download:
        officer.click("a[href*=rejets]")
    officer.click("form[action*=confirmer] .btn--primary")
    assert counts(desk) == (EXPECTED["newsletter"], EXPECTED["flash"])
    after = stored(desk)

    assert "ne changerait rien" in looked_at(desk, officer, "contacts", DATA / "contacts.csv")
    assert stored(desk) == after

    to_mend = tmp_path / "mended.csv"
    to_mend.write_text(mended(Path(download.value.path()).read_text("utf-8")), "utf-8", newline="")
    assert f"Importer {EXPECTED['invalid']} lignes" in looked_at(desk, officer, "contacts", to_mend)
    officer.click("form[action*=confirmer] .btn--primary")
    assert counts(desk)[0] > EXPECTED["newsletter"]

    undone(desk, officer, "mended.csv")
    assert stored(desk) == after
    undone(desk, officer, "contacts.csv")
    assert stored(desk) == before
    undone(desk, officer, "desinscrits.csv")
    undone(desk, officer, "collectivites.csv")
    assert stored(desk) == [[], [], [], [], []]
