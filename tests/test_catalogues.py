"""Every sentence for people has its French form, and the French catalogue holds nothing that no code says.

The source strings are found where they are said: `t("…")`, `plural("…", "…")`, the first string of an expected
error, a Problem's message and remedy, in Python and in the pages' templates.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po

from mailer import addresses, clock, errors
from mailer.i18n import LOCALE_DIR
from mailer.settings import mistakes
from tests.conftest import REPOSITORY

#: Expected failures whose first argument is their sentence; AddressError takes a reason, see addresses._SENTENCES.
_ERRORS = (
    {
        name
        for name, found in vars(errors).items()
        if isinstance(found, type) and issubclass(found, errors.MailerError)
    }
    | {"Forbidden", "ForeignFormError", "LoginNeeded", "BadSignature", "Malformed"}
    | {"NothingExpected", "OutdatedError", "RateExceeded", "ScopeMissing", "TokenMissing", "TooManyRequests"}
)
_CALLS = {"t", "plural", "marked"}
_FIELDS = {"message", "remedy", "missing", "sentence"}
_PAGE = re.compile(r"""\bt(?:\.plural)?\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
_PAGE_PLURAL = re.compile(r"""\.plural\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


def test_every_source_sentence_has_its_french_form() -> None:
    french = _french()
    missing = sorted(text for text in _said() if not french.get(text))
    assert missing == []


def test_french_forms_fill_the_same_names() -> None:
    wrong = [
        source
        for source, form in _french().items()
        if form and set(_names(form)) - set(_names(source)) - {"count"}
    ]
    assert wrong == []


def test_no_sentence_stands_in_two_catalogues() -> None:
    """The forms are put together: one of two would be lost, and nobody could say which."""
    homes = Counter(
        str(message.id)
        for path in (LOCALE_DIR / "fr").glob("*.po")
        for message in read_po(path.open("rb"), locale="fr")
        if message.id
    )
    assert [source for source, count in homes.items() if count > 1] == []


def _names(text: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", text)


def _french() -> dict[str, str]:
    forms: dict[str, str] = {}
    for path in (LOCALE_DIR / "fr").glob("*.po"):
        with path.open("rb") as file:
            for message in read_po(file, locale="fr"):
                source = message.id if isinstance(message.id, str) else message.id[0]
                form = message.string if isinstance(message.string, str) else message.string[0]
                if source:
                    forms[source] = form
    return forms


def _said() -> set[str]:
    said: set[str] = set()
    for path in (REPOSITORY / "mailer").rglob("*.py"):
        said |= set(_said_in_python(path))
    for path in (REPOSITORY / "mailer" / "web").rglob("*.html"):
        text = path.read_text("utf-8")
        said |= {ast.literal_eval(found) for found in (*_PAGE.findall(text), *_PAGE_PLURAL.findall(text))}
    said |= {*addresses._SENTENCES.values(), *mistakes.SENTENCES.values(), clock._MISSING, clock._TWICE}
    return {text for text in said if re.search(r"[A-Za-zÀ-ÿ]{2}", re.sub(r"\{\w+\}", "", text))}


def _said_in_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        position = 1 if name == "ProviderHalt" else 0
        spoken = name in _CALLS or name == "ProviderHalt" or name in _ERRORS
        if spoken and len(node.args) > position:
            yield from _texts(node.args[position])
        yield from (text for word in node.keywords if word.arg in _FIELDS for text in _texts(word.value))


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
