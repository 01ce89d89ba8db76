"""Copies: pieces that were encoded apart decode to exactly what the person reads, whatever stands in the slots."""

from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.model.mail import Links, Message, Person
from mailer.rendering import Copies
from mailer.rendering.mime import encode, encode_value
from mailer.rendering.slots import SlotKind, mark
from tests.rendering.conftest import envelope_for

#: Whatever UTF-8 holds but a bare carriage return, which no compiled text has.
ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=200)
LINKS = Links("https://a.example/u/t", "https://a.example/p/t", "https://a.example/v/t")


def _message(html: str, text: str, person: Person, links: Links = LINKS) -> Message:
    copies = Copies(
        subject="Objet", html=html, text=text, links=("https://a.example/x?a=1&b=2",), language="fr"
    )
    return copies.message(person, links, envelope_for(links), tag="t")


def _parts(message: Message) -> tuple[str, str]:
    parsed = message_from_bytes(message.mime, policy=policy.default)
    assert not parsed.defects
    text, html = (part.get_payload(decode=True).decode() for part in parsed.iter_parts())
    return text.replace("\r\n", "\n"), html.replace("\r\n", "\n")


@given(ANY, ANY, ANY, ANY)
def test_parts_decode_to_exactly_the_content(before: str, between: str, after: str, name: str) -> None:
    body = before + mark(SlotKind.FIRST_NAME, "vous") + between + mark(SlotKind.VIEW) + after
    message = _message(body + "</body>", body, Person("a@b.example", name))
    assert _parts(message) == (message.content.text, message.content.html)
    assert all(len(line) <= 76 for line in message.mime.partition(b"\r\n\r\n")[2].split(b"\r\n"))


@pytest.mark.parametrize("length", range(60, 160))
@pytest.mark.parametrize("kind", ["a", "é", ".", "=", " ", "From "])
def test_no_length_makes_a_line_too_long_or_dangerous(kind: str, length: int) -> None:
    text = (kind * length)[:length]
    for joined in (encode(text) + b"=", encode_value(text)):
        assert all(len(line) <= 76 for line in joined.split(b"\r\n"))
        assert not any(line.startswith((b".", b"From ")) for line in joined.split(b"\r\n"))


def test_a_name_is_collapsed_to_one_line_without_control_characters() -> None:
    content = _message(
        mark(SlotKind.FIRST_NAME), "x", Person("a@b.example", " Léa\r\nBcc:\x00\u2028 x ")
    ).content
    assert content.html == "Léa Bcc: x"


def test_html_and_text_escape_differently() -> None:
    body = mark(SlotKind.LAST_NAME) + " " + mark(SlotKind.LINK, "0")
    content = _message(body, body, Person("a@b.example", "", "O'Neil & <b>")).content
    assert content.html == "O&#x27;Neil &amp; &lt;b&gt; https://a.example/x?a=1&amp;b=2"
    assert content.text == "O'Neil & <b> https://a.example/x?a=1&b=2"


def test_a_value_that_looks_like_a_slot_is_not_filled() -> None:
    name = mark(SlotKind.UNSUBSCRIBE)
    assert _message(mark(SlotKind.FIRST_NAME), "x", Person("a@b.example", name)).content.html == name


def test_headers_for_providers_stand_on_one_line() -> None:
    headers = _message("x", "x", Person("a@b.example")).headers
    assert headers["List-Unsubscribe"].startswith("<https://a.example/u/t>, <mailto:")
    assert not any("\n" in value or "\r" in value for value in headers.values())


def test_joiners_of_letters_and_emoji_stay_in_a_name() -> None:
    for name in ("می\u200cخواهم", "👩\u200d🌾 Ana"):
        message = _message(mark(SlotKind.FIRST_NAME, "x") + "</body>", "x", Person("a@b.example", name))
        assert name in message.content.html
    message = _message(mark(SlotKind.FIRST_NAME, "x") + "</body>", "x", Person("a@b.example", "Ana\u202eb"))
    assert "Ana b" in message.content.html
