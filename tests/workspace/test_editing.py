"""A block and its form are exact inverses, and an edit changes nothing but its own field."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.model.workspace import Block, BlockType, FieldKind, Issue, field_values
from mailer.workspace import edit_block, load, read_issue, write_issue
from mailer.workspace.document import first_control
from mailer.workspace.editing import refusal, tidy
from tests.conftest import REPOSITORY
from tests.workspace import strategies

TYPES = load(REPOSITORY)[0].templates.blocks
PATH = Path("campaigns/flash/2026-06-11.md")
block_types = st.sampled_from(sorted(TYPES.values(), key=lambda each: each.kind))
known_blocks = st.builds(
    Block,
    kind=st.sampled_from(sorted(TYPES)),
    attributes=st.dictionaries(strategies.names, strategies.texts, max_size=3),
    body=strategies.texts,
)


def shown(block: Block, block_type: BlockType) -> dict[str, str]:
    """What a browser sends back of an untouched form."""
    values = field_values(block, block_type)
    return {
        each.name: values[each.name].replace("\n", "\r\n" if each.kind is FieldKind.TEXT else " ")
        for each in block_type.fields
    }


@given(known_blocks)
def test_a_form_that_nobody_touched_changes_nothing(block: Block) -> None:
    block_type = TYPES[block.kind]
    assert edit_block(block, block_type, shown(block, block_type)) == (block, [])


@given(known_blocks, st.data())
def test_what_is_typed_is_read_again_and_the_other_fields_stay(block: Block, data: st.DataObject) -> None:
    block_type = TYPES[block.kind]
    if not block_type.fields:
        return
    field = data.draw(st.sampled_from(block_type.fields))
    typed = data.draw(strategies.texts)
    edited, refused = edit_block(block, block_type, {field.name: typed})
    assert refused == []
    before, after = field_values(block, block_type), field_values(edited, block_type)
    # What a form cannot show, such as a line break in a title, stays in the file.
    assert tidy(after.pop(field.name), field.kind) == (tidy(typed, field.kind) or field.default)
    before.pop(field.name)
    assert after == before
    known = {each.name for each in block_type.fields}
    assert {name: value for name, value in edited.attributes.items() if name not in known} == {
        name: value for name, value in block.attributes.items() if name not in known
    }


@given(st.lists(known_blocks, min_size=1, max_size=4), st.data())
def test_saves_and_hand_edits_in_turn_lose_nothing(blocks: list[Block], data: st.DataObject) -> None:
    issue = Issue("flash", "2026-06-11", PATH, "Objet", blocks=tuple(blocks))
    text = write_issue(issue).replace("\n::: ", "\n<!-- gardé -->\n::: ", 1)
    for _ in range(data.draw(st.integers(1, 3))):
        read, problems = read_issue(text, campaign="flash", slug="2026-06-11", path=PATH)
        assert problems == []
        position = data.draw(st.integers(0, len(read.blocks) - 1))
        block_type = TYPES[read.blocks[position].kind]
        typed = {each.name: data.draw(strategies.texts) for each in block_type.fields}
        edited, _ = edit_block(read.blocks[position], block_type, typed)
        changed = [edited if at == position else each for at, each in enumerate(read.blocks)]
        text = write_issue(
            Issue("flash", "2026-06-11", PATH, read.subject, blocks=tuple(changed)), original=text
        )
        again, problems = read_issue(text, campaign="flash", slug="2026-06-11", path=PATH)
        assert (list(again.blocks), problems) == (changed, [])
        assert "<!-- gardé -->" in text


def test_an_empty_title_does_not_turn_the_text_into_one() -> None:
    block = Block("article", body="# Titre\nTexte")
    edited, _ = edit_block(block, TYPES["article"], {"title": "", "text": "# dièse"})
    values = field_values(edited, TYPES["article"])
    assert (values["title"], values["text"]) == ("", "# dièse")


def test_an_image_is_described_or_said_to_be_an_ornament() -> None:
    article, block = TYPES["article"], Block("article", {"image": "media/a.png"}, "# T\nx")
    ornament, _ = edit_block(block, article, {"alt": "", "alt.decorative": "yes"})
    assert ornament.attributes["alt"] == ""
    described, _ = edit_block(ornament, article, {"alt": "Une place", "alt.decorative": "yes"})
    assert described.attributes["alt"] == "Une place"
    undecided, _ = edit_block(ornament, article, {"alt": "", "alt.decorative": "no"})
    assert "alt" not in undecided.attributes


def test_a_title_of_2000_characters_is_refused_and_the_rest_is_kept() -> None:
    block = Block("article", body="# Titre\nTexte")
    edited, refused = edit_block(block, TYPES["article"], {"title": "x" * 2000, "text": "Neuf"})
    assert [(each.code, each.values["field"]) for each in refused] == [("refused-length", "title")]
    assert edited.body == "# Titre\nNeuf"


def test_the_line_breaks_of_word_processors_are_kept_as_lines_and_not_refused() -> None:
    assert tidy("un\vdeux\u2028trois\r\nquatre\x85", FieldKind.TEXT) == "un\ndeux\ntrois\nquatre"
    assert tidy("un\vdeux", FieldKind.LINE) == "un deux"
    assert refusal(tidy("un\vdeux", FieldKind.TEXT), field="text", kind=FieldKind.TEXT) is None


@pytest.mark.parametrize("kind", list(FieldKind))
def test_of_what_is_pasted_the_controls_alone_are_lost(kind: FieldKind) -> None:
    controls = [
        chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF)
    ]
    kept = "a\u00adb\u200bc\u200dd\u200ce\u2060f«\u00a0g\u202f»“h”’i😀"
    found = tidy("".join(f"{control}{kept}" for control in controls), kind)
    assert first_control(found) == ""
    assert "".join(found.split()) == "".join((kept * len(controls)).split())
    assert refusal(found, field="x", kind=FieldKind.TEXT) is None
