"""A mail of the program's own: whole, plain, accessible, and nothing in it becomes a header or markup."""

from email import message_from_bytes, policy

import pytest
from lxml import html

from mailer.errors import InputError
from mailer.model.mail import Envelope, Mailbox
from mailer.rendering import Notice, notice_message
from tests.conftest import NOW

URL = "https://lettres.reseau.example/s/" + "a" * 90


def envelope(name: str = "Réseau") -> Envelope:
    return Envelope(
        key="k" * 26,
        domain="reseau.example",
        sender=Mailbox(name, "lettre@reseau.example"),
        to=Mailbox("", "alix@ville.example"),
        reply_to="redaction@reseau.example",
        date=NOW,
    )


def notice(text: str = "Quelqu’un a demandé <b>cela</b>.") -> Notice:
    return Notice("fr", "Confirmez votre abonnement", (text,), "Voir et confirmer", URL, ("Réseau",))


def test_it_is_a_whole_mail_with_text_first_and_one_link() -> None:
    message = notice_message(notice(), envelope(), tag="signup")
    read = message_from_bytes(message.mime, policy=policy.default)
    text, rich = read.iter_parts()
    assert (text.get_content_type(), rich.get_content_type()) == ("text/plain", "text/html")
    assert URL in text.get_content()
    page = html.document_fromstring(rich.get_content())
    assert (page.get("lang"), page.findtext(".//title")) == ("fr", "Confirmez votre abonnement")
    assert [each.get("href") for each in page.iter("a")] == [URL]
    assert page.find(".//b") is None
    assert read["Auto-Submitted"] == "auto-generated"
    assert {name for name, count in _counted(read.keys()).items() if count > 1} == set()


def test_lines_are_short_and_seven_bit() -> None:
    lines = notice_message(notice(), envelope(), tag="signup").mime.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert all(line.isascii() and b"\n" not in line for line in lines)


def test_the_same_notice_has_the_same_bytes() -> None:
    first, again = (notice_message(notice(), envelope(), tag="signup") for _ in range(2))
    assert first.mime == again.mime


def test_no_name_starts_a_header() -> None:
    with pytest.raises(InputError):
        notice_message(notice(), envelope("Réseau\r\nBcc: x@x.example"), tag="signup")


def _counted(names: list[str]) -> dict[str, int]:
    return {name: names.count(name) for name in names}
