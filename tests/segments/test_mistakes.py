"""Every mistake of a rule is a Problem with its line; a rule with one is never resolved."""

from pathlib import Path

import pytest

from mailer.errors import WorkspaceError
from mailer.model.segment import Condition, Group, Junction, Operator, Segment
from mailer.model.segment_grammar import MAX_CONDITIONS, MAX_DEPTH, parse_segment, segment_data
from mailer.segments import check, resolve
from mailer.store import Store
from tests.conftest import NOW


def segment(*conditions: Condition) -> Segment:
    return Segment("s", "S", Path("audiences/s.toml"), where=Group(Junction.ALL, conditions))


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (Condition("organisation.regio", Operator.IS, "x", line=7), "segment-field"),
        (Condition("contact.password", Operator.IS, "x", line=7), "segment-field"),
        (Condition("contact.address); DROP TABLE contact", Operator.IS, "x", line=7), "segment-field"),
        (Condition("attributes.a'b", Operator.IS, "x", line=7), "segment-field"),
        (Condition("organisation.population", Operator.CONTAINS, "1", line=7), "segment-value"),
        (Condition("organisation.population", Operator.IS, True, line=7), "segment-value"),
        (Condition("organisation.population", Operator.AT_LEAST, "mille", line=7), "segment-value"),
        (Condition("organisation.population", Operator.AT_LEAST, 2**31, line=7), "segment-value"),
        (Condition("organisation.population", Operator.ANY_OF, (1, -(2**70)), line=7), "segment-value"),
        (Condition("contact.job", Operator.IS, "a\0b", line=7), "segment-value"),
        (Condition("contact.job", Operator.ANY_OF, ("a", "\ud83d"), line=7), "segment-value"),
        (Condition("tag", Operator.IS, "\0", line=7), "segment-value"),
        (Condition("received", Operator.IS, "flash/\0", line=7), "segment-value"),
        (Condition("contact.registered_on", Operator.BEFORE, "31/12/2026", line=7), "segment-value"),
        (Condition("contact.registered_on", Operator.WITHIN_DAYS, -1, line=7), "segment-value"),
        (Condition("contact.job", Operator.EMPTY, "oui", line=7), "segment-value"),
        (Condition("membership.is_member", Operator.IS, "oui", line=7), "segment-value"),
        (Condition("tag", Operator.CONTAINS, "x", line=7), "segment-value"),
        (Condition("in_segment", Operator.CONTAINS, "autre", line=7), "segment-value"),
    ],
)
def test_a_mistake_names_its_line_and_a_way_out(condition: Condition, code: str) -> None:
    (problem,) = check(segment(condition))
    assert (problem.code, problem.line) == (code, 7)
    assert problem.remedy


def test_the_nearest_field_is_proposed() -> None:
    (problem,) = check(segment(Condition("organisation.regio", Operator.IS, "x")))
    assert problem.values["near"] == "organisation.region"


def test_a_rule_with_a_mistake_names_nobody(sqlite_store: Store) -> None:
    wrong = segment(Condition("contact.job", Operator.IS, "x"), Condition("nothing", Operator.IS, "x"))
    with sqlite_store.read() as tx, pytest.raises(WorkspaceError):
        resolve(tx, wrong, topic="newsletter", day=NOW.date())


def _deep(levels: int) -> dict[str, object]:
    rule: dict[str, object] = {"field": "contact.job", "is": "x"}
    for _ in range(levels):
        rule = {"any": [rule]}
    return rule


def _codes(where: list[dict[str, object]]) -> list[str]:
    _, problems = parse_segment({"title": "S", "where": where}, slug="s", path=Path("s"))
    return [problem.code for problem in problems]


def test_the_deepest_and_longest_rule_is_answered_by_both_databases(store: Store) -> None:
    where = [
        _deep(MAX_DEPTH - 1),
        *({"field": "contact.job", "is_not": f"j{n}"} for n in range(MAX_CONDITIONS - 1)),
    ]
    assert _codes(where) == []
    found, _ = parse_segment({"title": "S", "where": where}, slug="s", path=Path("s"))
    with store.read() as tx:
        assert resolve(tx, found, topic="newsletter", day=NOW.date()).count == 0


@pytest.mark.parametrize("number", [2**31 - 1, -(2**31) + 1])
def test_the_largest_number_is_answered_by_both_databases(store: Store, number: int) -> None:
    rule = segment(Condition("organisation.population", Operator.AT_LEAST, number))
    with store.read() as tx:
        assert resolve(tx, rule, topic="newsletter", day=NOW.date()).count == 0


def test_a_rule_too_deep_or_too_long_is_refused() -> None:
    assert _codes([_deep(MAX_DEPTH)]) == ["segment-depth"]
    assert _codes([{"field": "contact.job", "is_not": "x"}] * (MAX_CONDITIONS + 1)) == ["segment-size"]


def test_the_canonical_form_reads_back() -> None:
    where = [_deep(3), {"none": [{"field": "tag", "any_of": ["a", "b"]}]}]
    found, _ = parse_segment(
        {"title": "S", "where": where, "one_per": "organisation"}, slug="s", path=Path("s")
    )
    again, problems = parse_segment(segment_data(found), slug="s", path=Path("s"))
    assert (again, problems) == (found, [])
