"""One address per field, in one normal form: tricks are refused, spellings of one address are one."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.addresses import AddressError, mended, normalise, plain

ONE = "claude@reseau.example"


@pytest.mark.parametrize(
    "text",
    [
        ONE,
        "CLAUDE@Reseau.EXAMPLE",
        " claude@reseau.example\t",
        "mailto:claude@reseau.example",
        "Claude <claude@reseau.example>",
        "claude@reseau.example;",
    ],
)
def test_every_spelling_of_one_address_is_one(text: str) -> None:
    assert normalise(text) == ONE


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a@x.example, b@x.example", "address-several"),
        ("a@x.example b@x.example", "address-several"),
        ("a@b@x.example", "address-several"),
        ("a\0@x.example", "address-control-character"),
        ("a@x.example\r\nBcc: b@x.example", "address-control-character"),
        ("a@x.example\u2028", "address-control-character"),
        ("a\u200b@x.example", "address-control-character"),
        ("clаude@reseau.example", "address-not-ascii"),  # a Cyrillic а
        ("ｃlaude@reseau.example", "address-not-ascii"),
        ('"a b"@x.example', "address-malformed"),
        ("a@localhost", "address-malformed"),
        ("a@[127.0.0.1]", "address-malformed"),
        ("", "address-empty"),
    ],
)
def test_what_is_not_exactly_one_plain_address_is_refused(text: str, reason: str) -> None:
    with pytest.raises(AddressError) as refused:
        normalise(text)
    assert refused.value.reason == reason


_ODD = st.sampled_from([*string.printable, "é", "\u00a0", "\u2028", "ﬀ", "İ", "K"])
_NAMES = st.text(st.sampled_from("aZ0_+-.\u212a"), min_size=1, max_size=70) | st.text(_ODD, max_size=4)
_HOSTS = _NAMES | st.sampled_from(
    ["ville.example", "VILLE.example", "xn--.example", "-a.example", "a..b", "b.example;"]
)


@given(local=_NAMES, at=st.sampled_from(["@", "@", "@", "", "@@"]), host=_HOSTS)
def test_the_short_way_gives_what_the_long_way_gives(local: str, at: str, host: str) -> None:
    text = f"{local}{at}{host}"
    found = plain(text)
    assert not found or found == mended(text)


def test_ordinary_addresses_take_the_short_way() -> None:
    assert plain("Claude.Dupont+x@Ville-1.Example") == "claude.dupont+x@ville-1.example"
