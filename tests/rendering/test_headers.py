"""Headers: whatever people write survives, and nothing they write becomes a header of its own."""

from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailer.errors import InputError
from mailer.model.mail import Links, Mailbox
from mailer.rendering import headers
from tests.rendering.conftest import envelope_for

#: Text without control, surrogate or unassigned characters, as a person may type it.
TYPED = st.text(st.characters(blacklist_categories=["C", "Zl", "Zp"]), max_size=200)


def _parsed(name: str, value: str) -> str:
    raw = f"{name}: {value}\r\n\r\n".encode("ascii")
    return str(make_header(decode_header(message_from_bytes(raw, policy=policy.compat32)[name] or "")))


@given(TYPED)
@example("Réunion " * 30)
@example("=?utf-8?q?already_encoded?=")
@example("x" * 300)
def test_any_subject_survives(text: str) -> None:
    subject = " ".join(text.split())
    value = headers.unstructured("Subject", subject)
    assert value.isascii()
    assert all(len(line) <= 78 for line in f"Subject: {value}".split("\r\n"))
    assert " ".join(_parsed("Subject", value).replace("\r\n", "").split()) == subject


@given(TYPED)
@example('Marie-Antoinette, Communauté d’agglomération "du Grand Saint-Dizier" ' * 2)
@example("Durand, Léa <lea@b.example>")
def test_any_display_name_survives_and_stays_one_mailbox(text: str) -> None:
    value = headers.mailbox("To", Mailbox(text, "a@b.example"))
    parsed = message_from_bytes(f"To: {value}\r\n\r\n".encode("ascii"), policy=policy.default)
    (address,) = parsed["To"].addresses
    assert address.addr_spec == "a@b.example"
    assert "".join(address.display_name.split()) == "".join(text.split())
    assert all(len(line) <= 78 for line in f"To: {value}".split("\r\n"))


@given(TYPED.filter(lambda text: "=?" not in text or not text.isascii()))
def test_encoded_words_are_short_and_never_empty(text: str) -> None:
    for word in headers.encoded_words(text):
        assert 12 < len(word) <= 75
        word.encode("ascii")


@pytest.mark.parametrize("evil", ["a\r\nBcc: x@y.example", "a\nb", "a\u2028b", "a\x00b", "a\u0085b"])
def test_no_data_starts_a_header_of_its_own(evil: str) -> None:
    with pytest.raises(InputError):
        headers.unstructured("Subject", evil)


@pytest.mark.parametrize("evil", ["a\r\n Bcc: x@y.example", "a\r\nBcc: x@y.example", "a\tb", "a\u2028b"])
def test_a_name_with_a_break_is_refused(evil: str) -> None:
    with pytest.raises(InputError):
        headers.mailbox("From", Mailbox(evil, "a@b.example"))


@pytest.mark.parametrize(
    "evil", ["a@b.example>, <x@y.example", "a@b.example, x@y.example", "a b@c.example", "é@b.example", ""]
)
def test_an_address_that_would_become_two_is_refused(evil: str) -> None:
    with pytest.raises(InputError):
        headers.mailbox("To", Mailbox("", evil))


def test_a_long_unsubscribe_address_is_never_encoded() -> None:
    value = f"<https://lettres.reseau.example/u/{'a' * 300}>,\r\n <mailto:a@b.example?subject=unsubscribe>"
    line = headers.serialise([("List-Unsubscribe", value)])
    assert b"=?" not in line
    assert b"a" * 300 in line


def test_an_address_longer_than_a_line_is_refused() -> None:
    with pytest.raises(InputError):
        headers.unsubscribe(f"https://lettres.reseau.example/u/{'a' * 1000}", "a@b.example")


def test_a_long_feedback_id_is_never_encoded() -> None:
    links = Links("https://a.example/u/x", "https://a.example/p/x", "https://a.example/v/x")
    envelope = replace(envelope_for(links), feedback_id=f"7:{'campagne-' * 9}:relais:reseau")
    found = dict(headers.message_headers(envelope, "Objet"))
    assert found["Feedback-ID"] == envelope.feedback_id
