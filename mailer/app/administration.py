"""The first administrator: a one-time link, printed where only the installer sees it."""

from mailer.addresses import normalise
from mailer.app.mailer import Mailer
from mailer.store import accounts


def administrator_link(mailer: Mailer, address: str) -> str:
    """Make an administrator (or a new link for one) and give the link that sets the password once, within 24 h."""
    with mailer.store.write() as tx:
        token = accounts.create_administrator(tx, normalise(address), at=mailer.clock.now())
    return f"{mailer.settings.base_url}/premier-acces/{token}"


def first_administrator_link(mailer: Mailer) -> str | None:
    """A link for the network's own address while nobody has an account that works; None afterwards."""
    with mailer.store.read() as tx:
        if accounts.has_administrator(tx):
            return None
    return administrator_link(mailer, mailer.settings.network.contact or "administration@relais.example")
