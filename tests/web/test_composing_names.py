"""The composer's addresses and forms as nobody's browser writes them: refused, and nothing is made or broken."""

import re
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest

from mailer.model.accounts import Role
from tests.web.conftest import Desk

REF = "flash/2026-06-11"


def send_raw(desk: Desk, path: str, **values: str) -> int:
    """A form whose address is sent as it is: other clients tidy the dots of a path away."""
    session = desk.browser(Role.WRITER)
    csrf = str(session.headers["X-Test-Csrf"])
    headers = {
        "Cookie": f"relais={session.cookies['relais']}",
        "Origin": desk.url,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection = HTTPConnection(desk.url.removeprefix("http://"), timeout=30)
    connection.request("POST", path, urlencode({"csrf": csrf, **values}), headers)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/lettres/%2e%2e/%2e%2e/ecrire", 409),
        ("/lettres/flash/%2e%2e/ecrire", 409),
        ("/lettres/flash/nothing/ecrire", 404),
        ("/lettres/nothing/nothing/ecrire", 404),
    ],
)
def test_saving_what_is_no_letter_makes_and_empties_no_file(desk: Desk, path: str, status: int) -> None:
    state = desk.mailer.settings.state
    state.mkdir(parents=True, exist_ok=True)
    (state / "lock").write_text("of somebody else", "utf-8")
    (state.parent / "lock").write_text("of somebody else", "utf-8")
    assert send_raw(desk, path, base="", act="save") == status
    assert not (state / "versions").exists()
    assert (state / "lock").read_text("utf-8") == "of somebody else"
    assert (state.parent / "lock").read_text("utf-8") == "of somebody else"


@pytest.mark.parametrize("opened", ["9" * 5_000, "²", "٣", "-1", "x", ",,", "0"])
def test_what_is_no_position_unfolds_nothing(desk: Desk, opened: str) -> None:
    session = desk.browser(Role.WRITER)
    page = session.get(f"{desk.url}/lettres/{REF}/ecrire", params={"ouvert": f"{opened},2"})
    assert page.status_code == 200
    assert 'name="open" value="2"' in page.text
    form = {
        "csrf": str(session.headers["X-Test-Csrf"]),
        "base": re.findall(r'name="base" value="([^"]*)"', page.text)[0],
        "open": f"{opened},2",
        "act": "save",
    }
    answer = session.post(f"{desk.url}/lettres/{REF}/ecrire", data=form, allow_redirects=False)
    assert answer.status_code == 200
    assert 'name="open" value="2"' in answer.text
