"""A form gives the very rule back that it was made from, whatever its nesting."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mailer import segments
from mailer.model.segment import Condition, Group, Junction, Operator, Segment
from mailer.web.rule_drafts import SIDES, Draft, add, can_be_shown, draft_of, read_draft, remove, segment_of

PATH = Path("audiences/s.toml")
_words = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=8).filter(
    str.strip
)
_numbers = st.integers(-(10**9), 10**9)
_dates = st.dates(date(1900, 1, 1))
_VALUES = {
    "contact.job": _words,
    "organisation.population": _numbers,
    "contact.registered_on": _dates,
    "membership.is_member": st.booleans(),
    "tag": _words,
    "in_segment": _words,
    "subscription.flash": st.booleans(),
}


@st.composite
def _conditions(draw: st.DrawFn) -> Condition:
    name = draw(st.sampled_from(sorted(_VALUES)))
    operator = draw(st.sampled_from(segments.operators(name)))
    kind = segments.value_of(name, operator)
    if kind is segments.Value.LIST:
        return Condition(name, operator, tuple(draw(st.lists(_VALUES[name], max_size=3))))
    values = {segments.Value.YES: st.booleans(), segments.Value.NUMBER: _numbers}
    return Condition(name, operator, draw(values.get(kind, _VALUES[name])))


_members = st.recursive(
    _conditions(),
    lambda inner: st.builds(Group, st.sampled_from(Junction), st.lists(inner, max_size=3).map(tuple)),
    max_leaves=6,
)
_lists = st.lists(_members, max_size=3).map(tuple)
rules = st.builds(
    Segment,
    slug=st.just("s"),
    title=_words,
    path=st.just(PATH),
    members_only=st.booleans(),
    where=_lists.map(lambda members: Group(Junction.ALL, members)),
    excepted=_lists.map(lambda members: Group(Junction.NONE, members)),
    one_per=st.sampled_from([None, "organisation"]),
    jobs=st.lists(_words, max_size=2).map(tuple),
    description=_words,
)


class Posted:
    """What a browser would send of the page."""

    def __init__(self, draft: Draft) -> None:
        self.fields = [
            ("title", draft.title),
            ("description", draft.description),
            ("jobs", "\r\n".join(draft.jobs)),
        ]
        self.fields += [(name, "yes") for name in ("members_only", "one_per") if getattr(draft, name)]
        for side in SIDES:
            for place, node in enumerate(draft.sides[side]):
                name = f"{side}{place}"
                self.fields.append(
                    (f"{name}.node", f"{'group' if node.is_group else 'condition'} {node.depth}")
                )
                if node.is_group:
                    self.fields.append((f"{name}.junction", node.junction.value))
                    continue
                self.fields += [(f"{name}.field", node.field), (f"{name}.operator", node.operator.value)]
                is_list = segments.value_of(node.field, node.operator) is segments.Value.LIST
                values = ["\r\n".join(node.values)] if is_list else node.values
                self.fields += [(f"{name}.value", value) for value in values]

    def get(self, name: str) -> object:
        return next(iter(self.getlist(name)), None)

    def getlist(self, name: str) -> Sequence[object]:
        return [value for key, value in self.fields if key == name]


@given(rules)
def test_what_a_form_shows_is_what_it_sends_back(segment: Segment) -> None:
    assert can_be_shown(segment)
    assert segment_of(read_draft(Posted(draft_of(segment))), segment) == segment


@given(rules, st.data())
def test_removing_what_was_added_leaves_the_rule_as_it_was(segment: Segment, data: st.DataObject) -> None:
    draft = draft_of(segment)
    side = data.draw(st.sampled_from(SIDES))
    groups = [place for place, node in enumerate(draft.sides[side]) if node.is_group]
    inside = data.draw(st.sampled_from([None, *groups]))
    added = add(draft, side, inside=inside, group=data.draw(st.booleans()))
    old = {(node.depth, node.field, node.is_group) for node in draft.sides[side]}
    fresh = next(
        place for place, node in enumerate(added.sides[side])
        if place >= len(draft.sides[side]) or (node.depth, node.field, node.is_group, node.values)
        != (lambda was: (was.depth, was.field, was.is_group, was.values))(draft.sides[side][place])
    )  # fmt: skip
    assert old <= {(node.depth, node.field, node.is_group) for node in added.sides[side]}
    assert segment_of(remove(added, side, fresh), segment) == segment


def test_a_rule_that_no_form_can_show_is_told_apart() -> None:
    for value in ("two\nlines", 12, date(2026, 1, 1)):
        where = Group(Junction.ALL, (Condition("contact.job", Operator.IS, value),))
        assert not can_be_shown(Segment("s", "S", PATH, where=where))


def test_an_operator_that_does_not_fit_the_new_field_gives_way() -> None:
    draft = draft_of(
        Segment(
            "s", "S", PATH, where=Group(Junction.ALL, (Condition("contact.job", Operator.CONTAINS, "x"),))
        )
    )
    posted = Posted(draft)
    posted.fields = [
        (key, "organisation.population" if key.endswith("field") else value) for key, value in posted.fields
    ]
    (node,) = read_draft(posted).sides["w"]
    assert (node.field, node.operator) == ("organisation.population", Operator.IS)


def test_depths_that_no_page_sends_are_put_right() -> None:
    posted = Posted(draft_of(Segment("s", "S", PATH)))
    for place, node in enumerate(("condition 7", "group 0", "condition 9", "condition x")):
        posted.fields += [
            (f"w{place}.node", node),
            (f"w{place}.field", "contact.job"),
            (f"w{place}.value", "x"),
        ]
    assert [node.depth for node in read_draft(posted).sides["w"]] == [0, 0, 1, 0]
