"""The pixel is answered before any route of the desk is looked at; what only looks like one is not."""

import pytest
import requests

from mailer.tokens import Purpose
from mailer.web.protection import HEADERS
from mailer.web.public.measure import PIXEL
from tests.tracking.agents import FIREFOX
from tests.tracking.ledger import Ledger
from tests.web.conftest import Desk


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_every_token_gets_the_same_picture_with_the_headers_of_every_answer(desk: Desk, method: str) -> None:
    for token in (desk.mailer.signer.sign(Purpose.OPEN, b"x" * 26), "forged"):
        answer = requests.request(method, f"{desk.url}/o/{token}.gif", timeout=10)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/gif")
        assert answer.content == (PIXEL if method == "GET" else b"")
        assert answer.headers["Cache-Control"] == "no-store, max-age=0"
        assert all(
            answer.headers[name] == value for name, value in HEADERS.items() if name != "Cache-Control"
        )


def test_a_load_is_counted(desk: Desk) -> None:
    ledger = Ledger(desk.mailer.store, desk.mailer.signer, desk.mailer.clock.now())
    send = ledger.send()
    token = ledger.pixel(send, ledger.deliver(send, ledger.contact()))
    requests.get(f"{desk.url}/o/{token}.gif", headers={"User-Agent": FIREFOX}, timeout=10)
    desk.mailer.hits.flush()
    with desk.mailer.store.read() as tx:
        assert tx.exec_driver_sql("SELECT low FROM open_count").scalar_one() == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/o/token.gif", 405),
        ("GET", "/o/a/b.gif", 404),
        ("GET", "/o/token.png", 404),
    ],
)
def test_what_is_no_pixel_goes_on_to_the_pages(desk: Desk, method: str, path: str, status: int) -> None:
    answer = requests.request(method, desk.url + path, timeout=10, allow_redirects=False)
    assert answer.status_code == status
