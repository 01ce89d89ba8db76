"""Withdrawing the consent to be measured reaches the letters that the person already has (rules P6)."""

from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.events import Click, Opening
from mailer.model.people import Consent
from mailer.store import Store
from mailer.tokens import Purpose
from tests.tracking.ledger import LINKS, Ledger
from tests.web_public.conftest import Site


def measured(store: Store) -> tuple[set[int], set[int]]:
    """The copies whose opening, and those whose click, is known."""
    with store.read() as tx:
        opened = set(tx.execute(select(table(Opening).c.delivery_id)).scalars())
        return opened, set(tx.execute(select(table(Click).c.delivery_id)).scalars())


def test_after_a_withdrawal_no_letter_already_sent_is_measured(
    site: Site, ledger: Ledger, store: Store
) -> None:
    contact, first, second = ledger.contact(), ledger.send(), ledger.send()
    before, after = ledger.deliver(first, contact), ledger.deliver(second, contact)
    site.get(f"/o/{ledger.pixel(first, before)}.gif")
    site.hits.flush()
    assert measured(store) == ({before.id}, set())
    page = f"/p/{ledger.signer.sign(Purpose.PREFERENCES, before.key.encode())}"
    # Looking changes nothing; only the form acts.
    site.get(f"{page}?form=tracking&tracking=denied")
    with store.read() as tx:
        assert tx.execute(select(table(Consent).c.state)).scalars().all() == []
    assert site.post(page, data={"form": "tracking", "tracking": "denied"}).status_code == 200

    picture = site.get(f"/o/{ledger.pixel(second, after)}.gif")
    led = site.get(f"/c/{ledger.link(after, 2)}")
    site.hits.flush()
    assert (picture.status_code, len(picture.content)) == (200, 43)
    assert (led.status_code, led.headers["Location"]) == (302, LINKS[2])
    assert measured(store) == ({before.id}, set())
