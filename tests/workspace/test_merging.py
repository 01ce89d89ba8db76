"""Two texts made from a third are put together: what one side changed is taken, what both changed is asked, nothing is lost."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mailer.errors import WorkspaceError
from mailer.model.workspace import Block, Issue
from mailer.workspace import read_issue, write_issue
from mailer.workspace.merging import BlockClash, Choice, FieldClash, Merge, merge
from tests.workspace import strategies

HEAD = '---\nsubject: "Un"\nnumber: 47\n---\n'
A, B, C = ("::: text\nun\n:::\n", "::: text\ndeux\n:::\n", "::: text\ntrois\n:::\n")
BASE = f"{HEAD}\n{A}\n{B}\n{C}"


def read(text: str) -> Issue:
    issue, problems = read_issue(text, campaign="flash", slug="a", path=Path("a.md"))
    assert problems == []
    return issue


def counted(text: str) -> Counter[str]:
    return Counter(f"{each.kind} {sorted(each.attributes.items())} {each.body}" for each in read(text).blocks)


@st.composite
def edited(draw: st.DrawFn, text: str) -> str:
    """The text as somebody left it: blocks written, added, moved and deleted, a key changed."""
    issue = read(text)
    blocks = list(issue.blocks)
    for _ in range(draw(st.integers(0, 3))):
        act = draw(st.sampled_from(["write", "add", "move", "delete", "subject", "front"]))
        place = draw(st.integers(0, max(len(blocks) - 1, 0)))
        if act == "subject":
            issue = replace(issue, subject=draw(strategies.texts))
        elif act == "front":
            issue = replace(
                issue, front=draw(st.dictionaries(strategies.keys, strategies.values, max_size=2))
            )
        elif act == "add":
            blocks.insert(place, draw(strategies.blocks))
        elif blocks and act == "write":
            blocks[place] = replace(blocks[place], body=draw(strategies.texts))
        elif blocks and act == "move":
            blocks.insert(draw(st.integers(0, len(blocks) - 1)), blocks.pop(place))
        elif blocks:
            del blocks[place]
    return write_issue(replace(issue, blocks=tuple(blocks)), original=text)


@st.composite
def three(draw: st.DrawFn) -> tuple[str, str, str]:
    """A base, and what two people made of it."""
    base = draw(strategies.files)
    assume(not read_issue(base, campaign="", slug="", path=Path("-"))[1])
    return base, draw(edited(base)), draw(edited(base))


@given(three())
def test_what_only_one_side_changed_is_that_side_byte_for_byte(texts: tuple[str, str, str]) -> None:
    base, mine, theirs = texts
    for merged, side in (
        (merge(base, mine, base), mine),
        (merge(base, base, theirs), theirs),
        (merge(base, mine, mine), mine),
    ):
        assert (merged.text(), merged.clashes) == (side, ())


@given(three())
def test_no_block_is_lost(texts: tuple[str, str, str]) -> None:
    base, mine, theirs = texts
    merged = counted(merge(base, mine, theirs).text())
    for side in (mine, theirs):
        assert counted(side) - counted(base) - merged == Counter()
    # What both left as it was is still there, too; of two that are the same, each may have changed another one.
    if max(counted(base).values(), default=0) < 2:
        assert (counted(base) & counted(mine) & counted(theirs)) - merged == Counter()


@given(three())
def test_no_comment_is_lost(texts: tuple[str, str, str]) -> None:
    base, mine, theirs = texts
    merged = merge(base, mine, theirs).text()
    for note in ("<!-- note -->", "# un commentaire"):
        assert merged.count(note) >= min(mine.count(note), theirs.count(note))


@given(three(), st.sampled_from(Choice))
def test_whatever_is_chosen_can_be_read_again(texts: tuple[str, str, str], choice: Choice) -> None:
    merged = merge(*texts)
    read(merged.text({each.name: choice for each in merged.clashes}))


@given(three())
def test_what_has_to_be_chosen_is_the_same_from_both_sides(texts: tuple[str, str, str]) -> None:
    base, mine, theirs = texts
    there, back = merge(base, mine, theirs), merge(base, theirs, mine)
    assert _asked(there) == {(name, b, a) for name, a, b in _asked(back)}


@given(three())
def test_choosing_one_side_everywhere_leaves_none_of_the_other_of_what_was_asked(
    texts: tuple[str, str, str],
) -> None:
    merged = merge(*texts)
    mine = read(merged.text({each.name: Choice.MINE for each in merged.clashes}))
    for each in merged.clashes:
        if isinstance(each, FieldClash) and each.key == "subject":
            assert each.mine is not None
            assert mine.subject == each.mine.text
        elif isinstance(each, BlockClash) and each.mine:
            assert each.mine.block in mine.blocks


def _asked(merged: Merge) -> set[tuple[str, object, object]]:
    return {(each.name, _words(each.mine), _words(each.theirs)) for each in merged.clashes}


def _words(side: object) -> object:
    block = getattr(side, "block", None)
    return (
        repr((block.kind, sorted(block.attributes.items()), block.body))
        if block
        else getattr(side, "text", None)
    )


def test_two_blocks_written_by_two_people_are_both_taken() -> None:
    merged = merge(BASE, BASE.replace("un\n", "un, mieux\n"), BASE.replace("trois", "trois, mieux"))
    assert merged.clashes == ()
    assert merged.text() == BASE.replace("un\n", "un, mieux\n").replace("trois", "trois, mieux")


def test_one_block_written_by_two_people_is_asked_and_both_forms_can_stay() -> None:
    merged = merge(BASE, BASE.replace("deux", "deux à moi"), BASE.replace("deux", "deux à toi"))
    (clash,) = merged.clashes
    assert clash.name == "2"
    assert merged.text({"2": Choice.MINE}) == BASE.replace("deux", "deux à moi")
    assert merged.text({"2": Choice.THEIRS}) == BASE.replace("deux", "deux à toi")
    both = f"{HEAD}\n{A}\n{B.replace('deux', 'deux à toi')}\n{B.replace('deux', 'deux à moi')}\n{C}"
    assert merged.text({"2": Choice.BOTH}) == merged.text() == both


def test_a_block_that_one_deleted_and_the_other_wrote_is_asked() -> None:
    merged = merge(BASE, BASE.replace(f"\n{B}", ""), BASE.replace("deux", "deux, mieux"))
    (clash,) = merged.clashes
    assert isinstance(clash, BlockClash)
    assert (clash.mine, clash.theirs is not None) == (None, True)
    assert merged.text({"2": Choice.MINE}) == BASE.replace(f"\n{B}", "")
    assert "deux, mieux" in merged.text()


def test_keys_of_the_front_matter_are_put_together_one_by_one() -> None:
    mine = BASE.replace('"Un"', '"À moi"')
    theirs = BASE.replace("47", "48 # vérifié").replace("---\n\n", "author: Anne\n---\n\n")
    merged = merge(BASE, mine, theirs)
    assert merged.clashes == ()
    assert merged.text().startswith('---\nsubject: "À moi"\nnumber: 48 # vérifié\nauthor: Anne\n---\n')
    (clash,) = merge(BASE, mine, BASE.replace('"Un"', '"À toi"')).clashes
    assert clash.name == "subject"


def test_one_moves_what_the_other_writes() -> None:
    mine, theirs = (
        f"{HEAD}\n{C}\n{A}\n{B}",
        BASE.replace("un\n", "un, mieux\n") + f"\n{A.replace('un', 'quatre')}",
    )
    merged = merge(BASE, mine, theirs)
    assert [each.body for each in read(merged.text()).blocks] == ["trois", "un, mieux", "deux", "quatre"]
    assert not merged.is_order_theirs


def test_two_who_move_the_same_block_elsewhere_get_the_order_of_the_file_and_are_told() -> None:
    merged = merge(BASE, f"{HEAD}\n{C}\n{A}\n{B}", f"{HEAD}\n{A}\n{C}\n{B}")
    assert [each.body for each in read(merged.text()).blocks] == ["un", "trois", "deux"]
    assert merged.is_order_theirs


LONG = ("Alpha un deux trois", "Beta quatre cinq six", "Gamma sept huit neuf")


def of(*bodies: str) -> str:
    return HEAD + "".join(f"\n::: text\n{each}\n:::\n" for each in bodies)


def bodies(text: str) -> list[str]:
    return [each.body for each in read(text).blocks]


def test_a_block_that_was_moved_and_edited_by_both_is_one_clash_and_never_there_twice() -> None:
    a, b, c = LONG
    merged = merge(of(a, b, c), of(f"{c} à moi", a, b), of(a, f"{c} à toi", b))
    assert [each.name for each in merged.clashes] == ["3"]
    assert sorted(bodies(merged.text({"3": Choice.MINE}))) == sorted([a, b, f"{c} à moi"])
    assert sorted(bodies(merged.text({"3": Choice.THEIRS}))) == sorted([a, b, f"{c} à toi"])


def test_a_block_that_one_moved_and_edited_is_that_block_beside_what_the_other_wrote() -> None:
    a, b, c = LONG
    merged = merge(of(a, b, c), of(f"{c} à moi", a, b), of(f"{a} à toi", b, c))
    assert (merged.clashes, bodies(merged.text())) == ((), [f"{c} à moi", f"{a} à toi", b])


def test_where_one_block_went_and_the_next_was_edited_each_is_known_by_its_words() -> None:
    a, b, _ = LONG
    merged = merge(of(a, b), of(f"{b} à moi"), of(f"{a} à toi", b))
    assert [each.name for each in merged.clashes] == ["1"]
    assert bodies(merged.text({"1": Choice.THEIRS})) == [f"{a} à toi", f"{b} à moi"]
    assert bodies(merged.text({"1": Choice.MINE})) == [f"{b} à moi"]
    (clash,) = merge(of(a, b), of(f"{b} à moi"), of(a, f"{b} à toi")).clashes
    assert clash.name == "2"


def test_a_block_added_before_an_edited_one_is_new() -> None:
    a, b, _ = LONG
    merged = merge(of(a, b), of(a, "Tout autre chose", f"{b} à moi"), of(a, f"{b} à toi"))
    assert [each.name for each in merged.clashes] == ["2"]
    assert bodies(merged.text({"2": Choice.THEIRS})) == [a, "Tout autre chose", f"{b} à toi"]


def test_a_block_written_anew_by_both_is_asked() -> None:
    a, b, c = LONG
    (clash,) = merge(of(a, b, c), of(a, "Rien de commun", c), of(a, "Vraiment autre", c)).clashes
    assert clash.name == "2"


def test_the_same_block_added_by_both_is_added_once() -> None:
    added = f"{BASE}\n::: text\nquatre\n:::\n"
    assert merge(BASE, added, added.replace("un\n", "un, mieux\n")).text().count("quatre") == 1


def test_comments_of_two_blocks_that_two_people_deleted_stay() -> None:
    base = BASE.replace("\n::: text\ndeux", "\n<!-- deux -->\n::: text\ndeux")
    base = base.replace("\n::: text\ntrois", "\n<!-- trois -->\n::: text\ntrois")
    issue = read(base)
    one = write_issue(replace(issue, blocks=(issue.blocks[0], issue.blocks[2])), original=base)
    other = write_issue(replace(issue, blocks=issue.blocks[:2]), original=base)
    merged = merge(base, one, other).text()
    assert read(merged).blocks == (Block("text", {}, "un"),)
    assert "<!-- deux -->" in merged
    assert "<!-- trois -->" in merged


def test_comments_before_blocks_that_the_other_one_deleted_stand_on_lines_of_their_own() -> None:
    theirs = BASE.replace("\n::: text\ndeux", "\n<!-- un -->\n::: text\ndeux")
    theirs = theirs.replace("\n::: text\ntrois", "\n<!-- deux -->\n::: text\ntrois")
    for mine, kept in ((f"{HEAD}\n{A}", 1), (f"{HEAD}\n{A}\n::: text\nquatre fois\n:::\n", 2)):
        merged = merge(BASE, mine, theirs).text()
        assert len(read(merged).blocks) == kept
        assert {"<!-- un -->", "<!-- deux -->"} <= set(merged.splitlines())


_gaps = st.sampled_from(["", "\n"])
_notes = _gaps | st.sampled_from(["\n<!-- un -->\n", "<!-- deux -->\n", "<!-- sur\ndeux lignes -->\n\n"])


@st.composite
def noted(draw: st.DrawFn, *, leads: st.SearchStrategy[str], is_whole: bool) -> str:
    """Four blocks or some of them, with comments before and behind them that stand close or not."""
    kept = [each for each in ("aa bb", "cc dd", "ee ff", "gg hh") if is_whole or draw(st.booleans())]
    blocks = "".join(f"{draw(leads)}::: text\n{each}\n:::\n" for each in kept)
    return HEAD + blocks + draw(leads).rstrip("\n") + draw(_gaps)


@given(
    noted(leads=_gaps, is_whole=True),
    noted(leads=_notes, is_whole=False),
    noted(leads=_notes, is_whole=False),
    st.sampled_from(["\n", "\r\n"]),
)
def test_comments_of_blocks_that_go_never_break_the_file(base: str, mine: str, theirs: str, end: str) -> None:
    texts = [each.replace("\n", end) for each in (base, mine, theirs)]
    merged = merge(*texts).text()
    read(merged)
    for note in ("<!-- un -->", "<!-- deux -->"):
        assert merged.count(note) >= min(mine.count(note), theirs.count(note), 1)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_what_cannot_be_read_is_not_merged(place: int) -> None:
    texts = [BASE, BASE, BASE]
    texts[place] = "rien de lisible"
    with pytest.raises(WorkspaceError):
        merge(*texts)
