"""Small rules of writing: the order of blocks, who is here, the newest preview wins, names of new letters."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer import settings
from mailer.app.arranging import Arranging, Item, arrange, items_of
from mailer.app.compiler import Compiler
from mailer.app.drafts import Draft
from mailer.app.editions import READER
from mailer.app.live_preview import LivePreview, Superseded
from mailer.app.new_letters import free_slug
from mailer.app.outside import Outside
from mailer.app.presence import PATIENCE, Presence
from mailer.clock import FixedClock
from mailer.model.workspace import Block
from mailer.store import Store
from mailer.tokens import Signer
from mailer.workspace import load, read_issue
from tests.conftest import NOW, REPOSITORY

BLOCKS = [Block(kind=letter) for letter in "abcd"]


@given(
    st.sampled_from(sorted(set(Arranging) - {Arranging.ADD, Arranging.COPY, Arranging.DELETE})),
    st.integers(-2, 7),
    st.integers(-2, 7),
)
def test_moving_loses_and_doubles_nothing(act: Arranging, at: int, to: int) -> None:
    items, place = arrange(items_of(BLOCKS), act, at=at, to=to)
    assert sorted(item.former for item in items) == [1, 2, 3, 4]
    assert place == 0 or items[place - 1].former == at


def test_a_copy_and_a_new_block_have_no_former_place() -> None:
    copied, place = arrange(items_of(BLOCKS), Arranging.COPY, at=2)
    assert (copied[place - 1], place) == (Item(Block("b"), 0), 3)
    added, place = arrange(items_of(BLOCKS), Arranging.ADD, at=0, kind="text")
    assert (added[0].block.kind, place) == ("text", 1)
    rest, place = arrange(items_of(BLOCKS), Arranging.DELETE, at=4)
    assert ([item.former for item in rest], place) == ([1, 2, 3], 3)


def test_whoever_is_silent_for_a_while_is_no_longer_here() -> None:
    clock = FixedClock(NOW)
    presence = Presence(clock)
    presence.note("flash/a", "Ana")
    assert presence.note("flash/a", "Bob") == ["Ana"]
    assert presence.note("flash/b", "Bob") == []
    clock.advance(PATIENCE + timedelta(seconds=1))
    assert presence.note("flash/a", "Bob") == []


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert free_slug("2026-06", {"2026-05"}) == "2026-06"
    assert free_slug("2026-06", {"2026-06", "2026-06-2"}) == "2026-06-3"


def draft(text: str) -> Draft:
    found, _ = load(REPOSITORY)
    path = Path("campaigns/flash/2026-06-11.md")
    issue, _ = read_issue(text, campaign="flash", slug="2026-06-11", path=path)
    return Draft(found, found.campaigns["flash"], issue, text)


def test_of_two_versions_of_a_page_the_older_is_not_compiled(sqlite_store: Store) -> None:
    chosen = settings.load(REPOSITORY)
    compiler = Compiler(chosen, Signer(b"only-for-tests-only-for-tests-32"))
    preview = LivePreview(chosen, Outside(chosen, sqlite_store, FixedClock(NOW)), compiler)
    text = (REPOSITORY / "campaigns/flash/2026-06-11.md").read_text("utf-8")
    older, newer = draft(text), draft(text.replace("juin", "juillet"))
    try:
        preview.ask(older, page="one")
        preview.ask(newer, page="one")
        with pytest.raises(Superseded):
            preview.picture(older, READER, page="one")
        with pytest.raises(Superseded):
            preview.look(older, READER, page="one")
        assert preview.look(newer, READER, page="one").preview is not None
        assert preview.look(older, READER, page="another").preview is not None
    finally:
        compiler.close()
