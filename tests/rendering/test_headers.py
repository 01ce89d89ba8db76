"""Headers and quoted-printable: whatever people write survives, and nothing they write becomes a header."""

from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.errors import InputError
from mailer.model.mail import Mailbox
from mailer.rendering import headers, mime
from mailer.rendering.slots import SlotKind, cut, mark

#: Text without control, surrogate or unassigned characters, as a person may type it.
TYPED = st.text(st.characters(blacklist_categories=["C", "Zl", "Zp"]), max_size=200)


def _parsed(name: str, value: str) -> str:
    raw = f"{name}: {value}\r\n\r\n".encode("ascii")
    return str(make_header(decode_header(message_from_bytes(raw, policy=policy.compat32)[name] or "")))


@given(TYPED)
def test_any_subject_survives(text: str) -> None:
    subject = " ".join(text.split())
    value = headers.unstructured(subject, len("Subject: "))
    assert value.isascii()
    assert " ".join(_parsed("Subject", value).replace("\r\n", "").split()) == subject


@given(TYPED.filter(lambda text: "=?" not in text or not text.isascii()))
def test_encoded_words_are_short_and_never_empty(text: str) -> None:
    for word in headers.encoded_words(text):
        assert 12 < len(word) <= 75
        word.encode("ascii")


@pytest.mark.parametrize("evil", ["a\r\nBcc: x@y.example", "a\nb", "a\u2028b", "a\x00b", "a\u0085b"])
def test_no_data_starts_a_header_of_its_own(evil: str) -> None:
    with pytest.raises(InputError):
        headers.unstructured(evil, 9)


@pytest.mark.parametrize("evil", ["a\r\nBcc: x@y.example", "a\nb", "a\u2028b"])
def test_a_name_with_a_break_is_flattened_or_refused(evil: str) -> None:
    try:
        value = headers.mailbox(Mailbox(evil, "a@b.example"), 6)
    except InputError:
        return
    assert "\r\nBcc" not in value


def test_a_long_unsubscribe_address_is_never_encoded() -> None:
    value = f"<https://lettres.reseau.example/u/{'a' * 300}>,\r\n <mailto:a@b.example?subject=unsubscribe>"
    line = headers.serialise([("List-Unsubscribe", value)])
    assert b"=?" not in line
    assert b"a" * 300 in line


@given(st.lists(st.tuples(st.text(max_size=120), st.text(max_size=60)), max_size=6), st.text(max_size=120))
def test_joined_pieces_decode_to_the_joined_text(pairs: list[tuple[str, str]], tail: str) -> None:
    import quopri

    normal = str.maketrans({"\r": " ", "\x00": " ", "\ud800": " "})
    clean = [(before.translate(normal), value.translate(normal)) for before, value in pairs]
    source = "".join(
        before + mark(SlotKind.FIRST_NAME, str(place)) for place, (before, _) in enumerate(clean)
    )
    pieces = mime.encode_pieces(cut(source + tail.translate(normal)))
    joined = mime.join_pieces(pieces, lambda slot: clean[int(slot[1])][1])
    wanted = "".join(before + value for before, value in clean) + tail.translate(normal)
    assert quopri.decodestring(joined).decode().replace("\r\n", "\n") == wanted
    for line in joined.split(b"\r\n"):
        assert len(line) <= 76
        assert not line.startswith((b".", b"From "))
