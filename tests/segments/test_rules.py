"""Random rules give the same people as a plain Python filter, on both databases; the guard holds under every rule."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from mailer.model.columns import table
from mailer.model.people import Contact
from mailer.model.segment import Audience, Condition, Group, Junction, Operator, Segment
from mailer.segments import expand, operators, resolve
from mailer.store import Store, Tx
from tests.segments.people import TODAY, TOPIC, Human, crowd, store_crowd
from tests.segments.plain import KNOWN, wanted

PEOPLE = crowd()
_WORDS = (
    "Élise",
    "élise",
    "é",
    "",
    "saint",
    "Œuf",
    "100%",
    "_du_",
    "%",
    "_",
    "'",
    '"',
    "\\",
    "île",
    "Foncier",
    "Occitanie",
)
_DAYS = (TODAY, TODAY.replace(year=2019), "2019-02-28")
_TEXTS = ("contact.first_name", "contact.job", "organisation.name", "organisation.region", "attributes.theme")
_words = st.sampled_from(_WORDS)
_numbers = st.sampled_from((0, 900, 174_082, 12_000_000))


def _conditions(
    fields: tuple[str, ...], operators: dict[Operator, st.SearchStrategy[object]]
) -> st.SearchStrategy[Condition]:
    return st.sampled_from(list(operators)).flatmap(
        lambda operator: st.builds(Condition, st.sampled_from(fields), st.just(operator), operators[operator])  # type: ignore[arg-type]
    )


def _lists(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(values, max_size=3).map(tuple)


_texts = _conditions(
    _TEXTS,
    {
        **dict.fromkeys((Operator.IS, Operator.IS_NOT, Operator.CONTAINS, Operator.STARTS_WITH), _words),
        **dict.fromkeys((Operator.ANY_OF, Operator.NONE_OF), _lists(_words)),
        Operator.EMPTY: st.booleans(),
    },
)
_populations = _conditions(
    ("organisation.population",),
    {
        **dict.fromkeys((Operator.IS, Operator.IS_NOT, Operator.AT_LEAST, Operator.AT_MOST), _numbers),
        **dict.fromkeys((Operator.ANY_OF, Operator.NONE_OF), _lists(_numbers)),
        Operator.EMPTY: st.booleans(),
    },
)
_dates = _conditions(
    ("contact.registered_on", "membership.from_on", "membership.until_on"),
    {
        **dict.fromkeys((Operator.ANY_OF, Operator.NONE_OF), _lists(st.sampled_from(_DAYS))),
        **dict.fromkeys(
            (
                Operator.IS,
                Operator.IS_NOT,
                Operator.BEFORE,
                Operator.AFTER,
                Operator.AT_LEAST,
                Operator.AT_MOST,
            ),
            st.sampled_from(_DAYS),
        ),
        Operator.WITHIN_DAYS: st.integers(0, 3_000),
        Operator.EMPTY: st.booleans(),
    },
)
_flags = _conditions(
    ("membership.is_member", f"subscription.{TOPIC}"),
    dict.fromkeys((Operator.IS, Operator.IS_NOT), st.booleans()),
)
_tags = _conditions(
    ("tag",),
    {
        **dict.fromkeys(
            (Operator.IS, Operator.IS_NOT),
            st.sampled_from(("presse", "bénévole", "PRESSE", "pres", "%", "d'\"été")),
        ),
        **dict.fromkeys((Operator.ANY_OF, Operator.NONE_OF), _lists(st.sampled_from(("presse", "bénévole")))),
    },
)
_SETS = {
    "received": ("flash/2026-05-28", "flash/2026-06-04", "flash/2026-06-11", "flash", "%/%"),
    "in_segment": tuple(KNOWN),
}
_sets = st.one_of(
    *(
        _conditions(
            (name,),
            {
                **dict.fromkeys((Operator.IS, Operator.IS_NOT), st.sampled_from(values)),
                **dict.fromkeys((Operator.ANY_OF, Operator.NONE_OF), _lists(st.sampled_from(values))),
            },
        )
        for name, values in _SETS.items()
    )
)
_rules = st.recursive(
    st.one_of(_texts, _populations, _dates, _flags, _tags, _sets),
    lambda inner: st.builds(Group, st.sampled_from(Junction), st.lists(inner, max_size=3).map(tuple)),
    max_leaves=8,
)


def _top(junction: Junction) -> st.SearchStrategy[Group]:
    return st.builds(Group, st.just(junction), st.lists(_rules, max_size=3).map(tuple))


segments = st.builds(
    Segment,
    slug=st.just("s"),
    title=st.just("S"),
    path=st.just(Path("audiences/s.toml")),
    members_only=st.booleans(),
    where=_top(Junction.ALL),
    excepted=_top(Junction.NONE),
)


@pytest.fixture
def tx(store: Store) -> Iterator[Tx]:
    with store.write() as found:
        store_crowd(found, PEOPLE)
    with store.read() as found:
        yield found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(segment=segments)
def test_sql_names_the_people_that_the_rule_means(tx: Tx, segment: Segment) -> None:
    expanded, problems = expand(segment, KNOWN)
    assert problems == []
    found = resolve(tx, expanded, topic=TOPIC, day=TODAY)
    assert list(found.contact_ids) == wanted(PEOPLE, segment)
    assert found.considered == len(PEOPLE) == found.count + sum(found.excluded.values())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(segment=segments)
def test_no_rule_lifts_the_guard(tx: Tx, segment: Segment) -> None:
    members = {person.id for person in PEOPLE if person.body and person.body.held}
    guarded = Segment(
        "s", "S", segment.path, members_only=True, where=segment.where, excepted=segment.excepted
    )
    expanded, _ = expand(guarded, KNOWN)
    assert set(resolve(tx, expanded, topic=TOPIC, day=TODAY).contact_ids) <= members


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("contact.job", _texts),
        ("organisation.population", _populations),
        ("contact.registered_on", _dates),
        ("membership.is_member", _flags),
        ("tag", _tags),
        ("received", _sets),
        ("in_segment", _sets),
    ],
)
def test_every_operator_that_fits_is_among_the_random_rules(
    name: str, rules: st.SearchStrategy[Condition]
) -> None:
    any_will_do = settings(max_examples=2000, phases=[Phase.generate], database=None)  # none is made smaller
    for operator in operators(name):
        tried = find(
            rules,
            lambda rule, wanted=operator: (rule.field, rule.operator) == (name, wanted),
            settings=any_will_do,
        )
        assert tried.operator is operator


def _resolved(tx: Tx, **given: object) -> Audience:
    return resolve(tx, Segment("s", "S", Path("s"), **given), topic=TOPIC, day=TODAY)  # type: ignore[arg-type]


def test_everybody_left_out_has_one_reason_the_first(tx: Tx) -> None:
    rule = Group(Junction.ALL, (Condition("contact.job", Operator.IS, "élu·e"),))
    found = _resolved(tx, members_only=True, where=rule)

    def first(person: Human) -> str | None:
        if not person.subscribed:
            return "not_subscribed"
        if person.job != "élu·e":
            return "rule"
        if not (person.body and person.body.held):
            return "not_member"
        return person.exclusion

    reasons = [first(person) for person in PEOPLE]
    assert found.excluded == {reason: reasons.count(reason) for reason in dict.fromkeys(reasons) if reason}


def test_a_pause_leaves_out_until_its_day_and_after_the_exclusions(tx: Tx) -> None:
    people = table(Contact)
    tx.execute(people.update().values(paused_until=TODAY + timedelta(days=1)))
    before = _resolved(tx)
    reachable = [each for each in PEOPLE if each.subscribed and each.exclusion is None]
    assert (before.count, before.excluded["paused"]) == (0, len(reachable))
    assert list(before.excluded) == ["not_subscribed", "complaint", "hard_bounce", "paused"]
    tx.execute(people.update().values(paused_until=TODAY))
    assert _resolved(tx).count == len(reachable)
    tx.execute(people.update().values(paused_until=None))


def test_a_membership_holds_on_its_last_day_and_not_after(tx: Tx) -> None:
    def bodies(day: object) -> set[int]:
        found = resolve(tx, Segment("s", "S", Path("s"), members_only=True), topic=TOPIC, day=day)  # type: ignore[arg-type]
        return {p.body.id for p in PEOPLE if p.id in found.contact_ids and p.body}

    assert bodies(TODAY) == {1, 2, 5}
    assert bodies(TODAY.replace(day=TODAY.day + 1)) == {1, 4, 5}


def test_one_per_organisation_prefers_the_named_functions(tx: Tx) -> None:
    found = _resolved(tx, one_per="organisation", jobs=("Commande publique", "élu·e"))
    chosen = [person for person in PEOPLE if person.id in found.contact_ids]
    assert sorted(p.body.id for p in chosen if p.body) == [1, 2, 3, 4, 5]
    assert {p.job for p in chosen if p.body} == {"Commande publique"}
    alone = [p for p in PEOPLE if p.body is None and p.subscribed and not p.exclusion]
    assert [p.id for p in chosen if p.body is None] == [p.id for p in alone]
    assert found.considered == found.count + sum(found.excluded.values())


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (False, "false"), (12, "12"), ("1", "1")])
@pytest.mark.parametrize("operator", [Operator.IS, Operator.STARTS_WITH, Operator.ANY_OF])
def test_an_attribute_is_compared_as_it_is_written(
    tx: Tx, value: object, text: str, operator: Operator
) -> None:
    people = table(Contact)
    with tx.begin_nested() as tried:
        tx.execute(people.update().values(attributes={"thème": value}))
        rule = Condition("attributes.thème", operator, (text,) if operator is Operator.ANY_OF else text)
        segment = Segment("s", "S", Path("s"), where=Group(Junction.ALL, (rule,)))
        assert resolve(tx, segment, topic=TOPIC, day=TODAY).count > 0
        tried.rollback()
