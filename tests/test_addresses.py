"""One address per field, in one normal form: tricks are refused, spellings of one address are one."""

import pytest

from mailer.addresses import AddressError, normalise

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
