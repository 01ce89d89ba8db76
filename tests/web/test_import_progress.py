"""While a large file is read, its page says how far it is, to the account that waits for it alone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from mailer.model.accounts import Role, User
from mailer.model.columns import table
from tests.web.conftest import Desk
from tests.web.test_imports import HEADINGS

LINES = 12_000


def large(folder: Path) -> Path:
    path = folder / "contacts.csv"
    path.write_text(
        HEADINGS + "".join(f"p{number}@ville.example;;;oui;\n" for number in range(LINES)), "utf-8"
    )
    return path


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_file_tells_how_many_lines_are_read_and_that_all_are(
    desk: Desk, tmp_path: Path, dry_run: bool
) -> None:
    seen: list[tuple[int, bool]] = []
    desk.mailer.import_file(
        "contacts",
        large(tmp_path),
        by="test",
        dry_run=dry_run,
        seen=lambda lines, is_read: seen.append((lines, is_read)),
    )
    assert seen == [(5_000, False), (10_000, False), (LINES, True)]


def test_only_whoever_waits_is_told(desk: Desk, tmp_path: Path) -> None:
    officer, other = desk.browser(Role.SENDER), desk.browser(Role.ADMINISTRATOR)
    advances, address = desk.mailer.imports.advances, f"{desk.url}/importer/avancement"
    assert officer.get(address).status_code == 204
    with advances.watching(own_id(desk, Role.SENDER), large(tmp_path)) as seen:
        seen(5_000, False)
        page = officer.get(address).text.replace("\u202f", " ")
        assert "5 000 lignes lues sur environ 12 001" in page
        assert 'max="12001" value="5000"' in page
        assert other.get(address).status_code == 204
        seen(LINES, True)
        assert "comparées à ce qui est connu" in officer.get(address).text
    assert officer.get(address).status_code == 204


@pytest.mark.browser
def test_the_page_that_waits_shows_it(desk: Desk, browser: Browser, tmp_path: Path) -> None:
    """The form is held back: while a page is left for another, a driven browser answers no question."""
    secret = desk.browser(Role.SENDER).cookies["relais"]
    context = browser.new_context()
    context.add_cookies([{"name": "relais", "value": secret, "url": desk.url}])
    page = context.new_page()
    page.add_init_script("document.addEventListener('submit', (event) => event.preventDefault(), true)")
    page.goto(f"{desk.url}/importer")
    page.set_input_files("#file", large(tmp_path))
    with desk.mailer.imports.advances.watching(own_id(desk, Role.SENDER), tmp_path / "contacts.csv") as seen:
        seen(5_000, False)
        page.get_by_role("button", name="Examiner le fichier").click()
        expect(page.locator("[data-advance] progress")).to_have_attribute("value", "5000")
    context.close()


def own_id(desk: Desk, role: Role) -> int:
    with desk.mailer.store.read() as tx:
        found = select(table(User).c.id).where(table(User).c.address == f"{role}@reseau.example")
        return int(tx.execute(found).scalar_one())
