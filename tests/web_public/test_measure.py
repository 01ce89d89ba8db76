"""Pixel and tracked links over real HTTP."""

from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.events import OpenCount
from mailer.store import Store
from tests.tracking.ledger import LINKS, Ledger
from tests.web_public.conftest import Site


def loads(store: Store) -> list[tuple[int, int]]:
    with store.read() as tx:
        return [(row.loaded, row.low) for row in tx.execute(select(table(OpenCount)))]


def test_the_pixel_is_a_small_picture_that_nobody_keeps(site: Site, ledger: Ledger, store: Store) -> None:
    send = ledger.send()
    answer = site.get(f"/o/{ledger.pixel(send, ledger.deliver(send, ledger.contact()))}.gif")
    site.hits.flush()
    assert (answer.status_code, len(answer.content), answer.content[:6]) == (200, 43, b"GIF89a")
    assert answer.headers["Content-Type"] == "image/gif"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    assert loads(store) == [(1, 1)]


def test_a_forged_pixel_gets_the_same_picture_and_writes_nothing(site: Site, store: Store) -> None:
    for token in ("apercu", "AAAA.BBBB", "é", "x" * 3000):
        answer = site.get(f"/o/{token}.gif")
        assert (answer.status_code, len(answer.content)) == (200, 43)
    site.hits.flush()
    assert loads(store) == []


def test_a_tracked_link_redirects_to_the_frozen_target(site: Site, ledger: Ledger) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    answer = site.get(f"/c/{ledger.link(delivery, 2)}?next=https://evil.example")
    assert (answer.status_code, answer.headers["Location"]) == (302, LINKS[2])
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_forged_link_is_a_page_that_explains(site: Site, ledger: Ledger) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    token = ledger.link(delivery, 0)
    for forged in (token[:-2], "https:%2F%2Fevil.example", "apercu", ledger.link(delivery, 7)):
        answer = site.get(f"/c/{forged}")
        assert answer.status_code == 404
        assert "Location" not in answer.headers
    assert "Ceci est un aperçu" in site.get("/c/apercu").text
