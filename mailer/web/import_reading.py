"""How a waiting CSV file is written, as somebody says on its page: `e=cp1252&s=tab` in the query of its address."""

from collections.abc import Mapping
from urllib.parse import urlencode

from mailer.errors import InputError
from mailer.i18n import Translator
from mailer.importing import ENCODINGS, GUESSED, SEPARATORS, EncodingError, Reading
from mailer.web import import_words

ENCODING, SEPARATOR = "e", "s"
_OLDEST = "mac_roman"
_NAMES = dict(zip(("semicolon", "comma", "tab", "pipe"), SEPARATORS, strict=True))


def chosen(query: Mapping[str, str]) -> Reading:
    """What the query says; what it does not say, or says of nothing that we know, is guessed."""
    encoding = query.get(ENCODING, "")
    return Reading(encoding if encoding in ENCODINGS else "", _NAMES.get(query.get(SEPARATOR, ""), ""))


def instead_of(reading: Reading, error: InputError) -> list[Reading]:
    """What to try where this does not fit: the guess, and for a text that no guess fits the oldest systems."""
    others = [GUESSED] if reading != GUESSED else []
    is_text = isinstance(error, EncodingError) or bool(reading.encoding)
    return [*others, Reading(_OLDEST, reading.separator)] if is_text else others


def values(reading: Reading) -> dict[str, str]:
    """What `chosen` reads; nothing of what is guessed."""
    named = next((name for name, sign in _NAMES.items() if sign == reading.separator), "")
    said = {ENCODING: reading.encoding, SEPARATOR: named}
    return {key: value for key, value in said.items() if value}


def joined(reading: Reading, columns: str) -> str:
    """The query of an address: how the file is read, and its columns as another module wrote them."""
    parts = [urlencode(values(reading)), columns.removeprefix("?")]
    said = "&".join(filter(None, parts))
    return f"?{said}" if said else ""


def encodings(t: Translator) -> list[tuple[str, str]]:
    return [(code, import_words.encoding(t, code)) for code in ENCODINGS]


def separators(t: Translator) -> list[tuple[str, str, str]]:
    """The name in the query, the sign, the word."""
    return [(name, sign, t(import_words.SEPARATORS[sign])) for name, sign in _NAMES.items()]
