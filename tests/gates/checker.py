"""The verdict on one finished mail."""

from tests.gates.bodies import check_bodies
from tests.gates.fields import check_fields, clear_addresses
from tests.gates.mail import Mail
from tests.gates.pages import check_page


def check_message(raw: bytes) -> list[str]:
    """The rules that the mail breaks, as `<rule>: <what>`; empty where it keeps M1-M12, M14, M16-M20, M28, H1-H6, H10."""
    return faults(Mail(raw))


def faults(mail: Mail) -> list[str]:
    clear = clear_addresses(mail, {*mail.links, *mail.sources, *mail.text_links})
    return list(dict.fromkeys([*check_fields(mail), *clear, *check_bodies(mail), *check_page(mail)]))
