"""Reading and writing a segment are exact inverses; comments stay, or are said to be lost."""

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.errors import ConflictError, InputError, WorkspaceError
from mailer.model.segment import Condition, Group, Junction, Operator, Segment
from mailer.model.segment_grammar import parse_segment
from mailer.workspace import fingerprint, load, lost_comments, save_segment, segment_text, write_segment
from tests.conftest import REPOSITORY

PATH = Path("audiences/s.toml")
_texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
_scalars = _texts | st.integers(-(2**40), 2**40) | st.booleans() | st.dates(date(1900, 1, 1))
_lists = st.sampled_from([Operator.ANY_OF, Operator.NONE_OF])
_single = st.sampled_from([each for each in Operator if each not in {Operator.ANY_OF, Operator.NONE_OF}])
_conditions = st.builds(Condition, _texts, _single, _scalars) | st.builds(
    Condition, _texts, _lists, st.lists(_scalars, max_size=3).map(tuple)
)
_members = st.recursive(
    _conditions,
    lambda inner: st.builds(Group, st.sampled_from(Junction), st.lists(inner, max_size=3).map(tuple)),
    max_leaves=6,
)


def _side(junction: Junction) -> st.SearchStrategy[Group]:
    return st.lists(_members, max_size=3).map(lambda members: Group(junction, tuple(members)))


segments = st.builds(
    Segment,
    slug=st.just("s"),
    title=_texts,
    path=st.just(PATH),
    members_only=st.booleans(),
    where=_side(Junction.ALL),
    excepted=_side(Junction.NONE),
    one_per=st.sampled_from([None, "organisation"]),
    jobs=st.lists(_texts, max_size=2).map(tuple),
    description=_texts,
)
FILE = """# Au-dessus de tout.
title = "Villes" # le titre
members_only = true

# La région d'abord.
[[where]]
field = "organisation.region"   # « # » compte aussi
is = "Occitanie # Sud"

[[where]]
field = "contact.job"
is = "presse"

# Puis l'exception.
[[except]]
any = [
  { field = "tag", is = "x" }, # dedans
]
"""


def read(text: str) -> Segment:
    segment, problems = parse_segment(tomllib.loads(text), slug="s", path=PATH)
    assert problems == []
    return segment


@given(segments)
def test_what_is_written_is_read_again(segment: Segment) -> None:
    assert read(write_segment(segment)) == segment


@given(segments, segments)
def test_any_segment_written_over_any_file_is_read_again(before: Segment, after: Segment) -> None:
    assert read(write_segment(after, original=write_segment(before))) == after


@given(segments)
def test_a_segment_written_over_a_commented_file_is_read_again(segment: Segment) -> None:
    assert read(write_segment(segment, original=FILE)) == segment


@pytest.mark.parametrize(
    "text", [FILE, FILE.replace("\n", "\r\n"), "\ufeff" + FILE], ids=["lf", "crlf", "bom"]
)
def test_what_did_not_change_stays_as_it_stands(text: str) -> None:
    assert write_segment(read(FILE), original=text) == text
    segment = read(FILE)
    where = replace(segment.where, members=segment.where.members[::-1])
    written = write_segment(replace(segment, where=where), original=text)
    assert lost_comments(text, written) == []
    assert ("\r\n" in written, written.startswith("\ufeff")) == ("\r\n" in text, text.startswith("\ufeff"))


def test_only_the_comments_of_what_changed_are_lost_and_named() -> None:
    segment = read(FILE)
    changed = replace(segment, title="Bourgs", where=Group(Junction.ALL, segment.where.members[1:]))
    written = write_segment(changed, original=FILE)
    assert written.startswith('# Au-dessus de tout.\ntitle = "Bourgs"\n')
    assert "# dedans" in written
    assert lost_comments(FILE, written) == ["# le titre", "# La région d'abord.", "# « # » compte aussi"]


def test_the_shipped_audiences_keep_every_letter() -> None:
    for segment in load(REPOSITORY)[0].segments.values():
        text = (REPOSITORY / segment.path).read_text("utf-8")
        assert write_segment(segment, original=text) == text


def test_a_file_with_mistakes_is_not_written_over() -> None:
    with pytest.raises(WorkspaceError):
        write_segment(read(FILE), original='title = "x"\nmember_only = true\n')


def test_a_file_that_somebody_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    segment = read(FILE)
    save_segment(tmp_path, segment, expected="")
    seen = fingerprint(segment_text(tmp_path, "s"))
    save_segment(tmp_path, replace(segment, title="Elle"), expected=seen)
    for expected in (seen, ""):
        with pytest.raises(ConflictError):
            save_segment(tmp_path, replace(segment, title="Lui"), expected=expected)
    assert read(segment_text(tmp_path, "s") or "").title == "Elle"


@pytest.mark.parametrize("slug", ["../x", "", "A", "a/b", ".a"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, slug: str) -> None:
    with pytest.raises(InputError):
        save_segment(tmp_path, replace(read(FILE), slug=slug), expected="")
    assert not (tmp_path / "audiences").exists()
