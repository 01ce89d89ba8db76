"""`in_segment`: the other rule in its place, with its guard; never round in a circle, never without end."""

import json
from pathlib import Path

import pytest

from mailer.model.segment import Condition, Group, Junction, Operator, Segment
from mailer.model.segment_grammar import parse_segment, segment_data
from mailer.segments import check, expand, is_for_members, resolve, sentence
from mailer.store import Store
from tests.segments.people import TODAY, TOPIC, crowd, store_crowd

PEOPLE = crowd()


def segment(slug: str, *members: Condition | Group, **more: object) -> Segment:
    path = Path(f"audiences/{slug}.toml")
    return Segment(slug, slug.upper(), path, where=Group(Junction.ALL, members), **more)  # type: ignore[arg-type]


def within(*slugs: str, operator: Operator = Operator.IS) -> Condition:
    value = slugs if operator in {Operator.ANY_OF, Operator.NONE_OF} else slugs[0]
    return Condition("in_segment", operator, value, line=7)


JOBS = segment("jobs", Condition("contact.job", Operator.IS, "élu·e", line=3))
MEMBERS = segment("members", members_only=True)
NOT_RARE = segment("rare", excepted=Group(Junction.NONE, (Condition("tag", Operator.IS, "presse"),)))
ALONE = segment("alone", one_per="organisation")
KNOWN = {each.slug: each for each in (JOBS, MEMBERS, NOT_RARE, ALONE)}


@pytest.mark.parametrize(
    ("rule", "same_as"),
    [
        ([within("jobs")], [JOBS.where.members[0]]),
        ([within("jobs", operator=Operator.IS_NOT)], [Group(Junction.NONE, JOBS.where.members)]),
        ([within("jobs", "rare", operator=Operator.ANY_OF)], [Group(Junction.ANY, (*JOBS.where.members, NOT_RARE.excepted))]),
        ([within("jobs", "rare", operator=Operator.NONE_OF)], [Group(Junction.NONE, (*JOBS.where.members, NOT_RARE.excepted))]),
        ([within("members")], [Condition("membership.is_member", Operator.IS, value=True)]),
    ],
)  # fmt: skip
def test_it_names_the_people_of_the_other_rule(
    store: Store, rule: list[Condition], same_as: list[Condition | Group]
) -> None:
    expanded, problems = expand(segment("s", *rule), KNOWN)
    assert problems == []
    with store.write() as tx:
        store_crowd(tx, PEOPLE)
        found = resolve(tx, expanded, topic=TOPIC, day=TODAY)
        assert found.contact_ids == resolve(tx, segment("s", *same_as), topic=TOPIC, day=TODAY).contact_ids
        assert 0 < found.count < len(PEOPLE)


@pytest.mark.parametrize(
    ("rule", "is_guarded"),
    [
        ([within("members")], True),
        ([within("jobs"), within("members")], True),
        ([within("inner")], True),
        ([within("members", "inner", operator=Operator.ANY_OF)], True),
        ([Group(Junction.ALL, (within("members"),))], True),
        ([Group(Junction.ANY, (within("members"), within("inner")))], True),
        ([within("members", "jobs", operator=Operator.ANY_OF)], False),
        ([Group(Junction.ANY, (within("members"), within("jobs")))], False),
        ([Group(Junction.NONE, (within("members"),))], False),
        ([within("members", operator=Operator.IS_NOT)], False),
        ([within("round")], False),
        ([within("nowhere")], True),
        ([Group(Junction.ANY)], False),
        ([], False),
    ],
)
def test_where_everybody_must_be_in_a_segment_of_members_the_whole_is_for_members(
    rule: list[Condition | Group], is_guarded: bool
) -> None:
    known = {
        **KNOWN,
        "inner": segment("inner", within("members")),
        "round": segment("round", within("round")),
    }
    outer = segment("outer", *rule)
    assert is_for_members(outer, known) is is_guarded
    assert expand(outer, known)[0].members_only is is_guarded


def test_what_is_frozen_is_the_whole_rule() -> None:
    outer = segment("outer", within("middle"))
    known = {**KNOWN, "middle": segment("middle", within("jobs"), within("members"))}
    expanded, _ = expand(outer, known)
    text = json.dumps(segment_data(expanded))
    assert "in_segment" not in text
    assert parse_segment(json.loads(text), slug="outer", path=outer.path) == (expanded, [])


@pytest.mark.parametrize(
    ("rules", "code", "said"),
    [
        ({"s": within("s")}, "segment-cycle", "s → s"),
        ({"s": within("a"), "a": within("b"), "b": within("s")}, "segment-cycle", "s → a → b → s"),
        ({"s": within("a"), "a": within("b"), "b": within("a")}, "segment-cycle", "a → b → a"),
        ({"s": within("job")}, "segment-unknown", "Did you mean jobs?"),
        ({"s": within("alone")}, "segment-one-per", "alone"),
    ],
)
def test_what_cannot_be_looked_up_is_told(rules: dict[str, Condition], code: str, said: str) -> None:
    known = {**KNOWN, **{slug: segment(slug, rule) for slug, rule in rules.items()}}
    assert check(known["s"]) == []
    _, (problem,) = expand(known["s"], known)
    assert (problem.code, said in str(problem), problem.path) == (code, True, Path("audiences/s.toml"))


def test_segments_that_double_at_each_step_end_with_one_mistake() -> None:
    known = {f"s{n}": segment(f"s{n}", within(f"s{n + 1}"), within(f"s{n + 1}")) for n in range(60)}
    _, problems = expand(known["s0"], {**known, "s60": JOBS})
    assert {each.code for each in problems} <= {"segment-size", "segment-depth"}
    assert 1 <= len(problems) <= 2


def test_the_sentence_says_the_name_and_not_the_conditions() -> None:
    expanded, _ = expand(segment("s", within("jobs")), KNOWN)
    assert sentence(expanded, "en") == "Every subscriber, for whom the person is in the segment “JOBS”."
