"""The words of a rule's form: fields by their group, operators, values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from mailer import segments
from mailer.app.rules import Vocabulary
from mailer.errors import Problem
from mailer.i18n import Translator, marked
from mailer.model.segment import Junction, Operator
from mailer.web import words

_OPERATORS = {
    Operator.IS: marked("is"),
    Operator.IS_NOT: marked("is not"),
    Operator.ANY_OF: marked("is one of"),
    Operator.NONE_OF: marked("is none of"),
    Operator.CONTAINS: marked("contains"),
    Operator.STARTS_WITH: marked("starts with"),
    Operator.EMPTY: marked("is missing"),
    Operator.AT_LEAST: marked("is at least"),
    Operator.AT_MOST: marked("is at most"),
    Operator.BEFORE: marked("is before"),
    Operator.AFTER: marked("is after"),
    Operator.WITHIN_DAYS: marked("is within the last days"),
}
JUNCTIONS = {
    Junction.ANY: marked("at least one of these"),
    Junction.ALL: marked("all of these"),
    Junction.NONE: marked("none of these"),
}
_GROUPS = {
    "contact": marked("The person"),
    "organisation": marked("The organisation"),
    "membership": marked("The membership"),
    "subscription": marked("Subscriptions"),
    "attributes": marked("Other columns"),
}
_OTHERS = marked("Lists")


def operator(t: Translator, code: Operator) -> str:
    return t(_OPERATORS[code])


def operators(name: str) -> list[Operator]:
    return segments.operators(name)


def kind(name: str, chosen: Operator) -> str:
    """What is written beside the operator: text, number, date, yes, list."""
    return segments.value_of(name, chosen).value


def fields(t: Translator, vocabulary: Vocabulary, present: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Group -> (name, words) of every field that may be chosen; the present one is always among them."""
    found: dict[str, list[tuple[str, str]]] = {}
    names = [*segments.names(), *(f"subscription.{topic}" for topic in vocabulary.topics)]
    for name in dict.fromkeys([*names, present]):
        if not name:
            continue
        group = _GROUPS.get(name.partition(".")[0], _OTHERS)
        found.setdefault(group, []).append((name, _label(t, vocabulary, name)))
    return [(t(group), each) for group, each in found.items()]


def choices(t: Translator, vocabulary: Vocabulary, name: str) -> list[tuple[str, str]]:
    """The possible values of a field with few, in words."""
    if name == "in_segment":
        return list(vocabulary.segments.items())
    if name == "received":
        return [(ref, ref) for ref in vocabulary.issues]
    return [(code, _choice(t, name, code)) for code in segments.choices(name)]


def with_present(offered: Sequence[tuple[str, str]], present: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What is offered, and what the rule says although it is not offered (any more)."""
    yield from offered
    known = {code for code, _ in offered}
    yield from ((code, code) for code in present if code and code not in known)


def _label(t: Translator, vocabulary: Vocabulary, name: str) -> str:
    family, _, topic = name.partition(".")
    if family == "subscription":
        return t("the subscription to {topic}", topic=vocabulary.topics.get(topic, topic))
    return segments.label(t, name)


def _choice(t: Translator, name: str, code: str) -> str:
    tables: Mapping[str, Mapping[str, str]] = {"contact.tracking": words.ANSWERS}
    if name in tables:
        return t(tables[name][code])
    if name == "contact.language":
        return {"fr": "Français", "en": "English"}.get(code, code)
    return words.cohort(t, code)


def plain(problem: Problem) -> Problem:
    """A mistake without its place in a file: it stands beside its condition."""
    return replace(problem, path=None, line=None)
