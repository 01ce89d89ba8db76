"""What a server says, made fit for the ledger and the log: short, one line, no address."""

import re

_ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")
_LONGEST = 250


def safe_detail(text: object) -> str:
    """At most 250 characters without control characters; addresses become `…` (security S12, S20)."""
    line = "".join(character if character.isprintable() else " " for character in str(text))
    return without_addresses(" ".join(line.split()))[:_LONGEST]


def without_addresses(text: str) -> str:
    """The text with `…` for each address."""
    return _ADDRESS.sub("…", text)
