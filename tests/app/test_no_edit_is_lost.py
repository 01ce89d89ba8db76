"""Whatever two writers and an editor do in whatever order: every text that was typed is in the file or in its history."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from mailer.app.compiler import Compiler
from mailer.app.composing import Composer, Conflict, Saved, Writing
from mailer.app.drafts import Draft
from mailer.app.outside import Outside
from mailer.app.versions import Change
from mailer.clock import FixedClock
from mailer.errors import InputError, NotFoundError, StoreError
from mailer.model.workspace import Issue
from mailer.settings import Settings
from mailer.store import Store
from mailer.tokens import Signer
from mailer.workspace.merging import Merge
from tests.conftest import NOW

REF = "flash/a"
FIRST = '---\nsubject: "Premier" # gardé\n---\n\n<!-- gardé -->\n::: text\nTexte\n:::\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of the issue."""
    return tmp_path / "workspace/campaigns/flash/a.md"


@pytest.fixture
def composer(sqlite_store: Store, tmp_path: Path, path: Path) -> Iterator[Composer]:
    root = tmp_path / "workspace"
    (root / "campaigns/flash").mkdir(parents=True)
    (root / "campaigns/flash/campaign.toml").write_text('title = "Flash"', "utf-8")
    found = Settings(workspace=root, state_dir=tmp_path / "state")
    clock, compiler = FixedClock(NOW), Compiler(found, Signer(b"only-for-tests-only-for-tests-32"))
    path.write_text(FIRST, "utf-8")
    yield Composer(found, sqlite_store, clock, Outside(found, sqlite_store, clock), compiler)
    compiler.close()


def typing(subject: str) -> Callable[[Draft], Issue]:
    def edit(draft: Draft) -> Issue:
        return replace(draft.issue, subject=subject)

    return edit


acts = st.lists(
    st.tuples(st.sampled_from(["save", "hand", "undo", "redo", "open"]), st.sampled_from(["one", "two"])),
    max_size=12,
)


@given(acts)
@effort(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_text_that_was_typed_is_somewhere(
    composer: Composer, path: Path, acts: list[tuple[str, str]]
) -> None:
    path.write_text(FIRST, "utf-8")
    shutil.rmtree(composer.versions(REF).folder, ignore_errors=True)
    bases = {page: composer.begin(REF).version for page in ("one", "two")}
    typed: list[str] = []
    for number, (act, page) in enumerate(acts):
        writing = Writing(by=page, page=page, base=bases[page])
        if act == "open":
            bases[page] = composer.begin(REF).version
        elif act == "hand":
            path.write_text(FIRST.replace("Texte", f"main {number}"), "utf-8")
            bases["one" if page == "two" else "two"] = composer.begin(
                REF
            ).version  # somebody has looked at it
            typed.append(f"main {number}")
        elif act == "save":
            result = composer.save(REF, writing, typing(f"écrit {number}"))
            typed.append(f"écrit {number}")
            if not isinstance(result, Conflict):
                bases[page] = result.version
        else:
            change = Change.UNDONE if act == "undo" else Change.REDONE
            stepped = composer.step(REF, writing, change)
            if stepped is not None and not isinstance(stepped, Conflict):
                bases[page] = stepped.version
    versions = composer.versions(REF)
    kept = "\n".join([path.read_text("utf-8"), *(versions.text(each.digest) for each in versions.log())])
    assert [text for text in typed if text not in kept] == []
    assert kept.count("<!-- gardé -->") == kept.count("# gardé")


def test_two_pages_never_overwrite_each_other(composer: Composer, path: Path) -> None:
    base = composer.begin(REF).version
    first = composer.save(REF, Writing("a", "one", base), typing("de la première"))
    second = composer.save(REF, Writing("b", "two", base), typing("de la seconde"))
    assert not isinstance(first, Conflict)
    assert isinstance(second, Conflict)
    assert "de la première" in path.read_text("utf-8")
    assert "de la seconde" in composer.versions(REF).text(second.mine)


def test_what_is_put_together_and_could_not_be_opened_is_asked_instead_of_saved(
    composer: Composer, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing = Writing(by="one", page="one", base=composer.begin(REF).version)
    found = FIRST.replace("Texte", "Texte de quelqu'un")
    path.write_text(found, "utf-8")
    monkeypatch.setattr(Merge, "text", lambda *_: FIRST + "::: text\nnever closed\n")
    answer = composer.save(REF, writing, typing("Le mien"))
    assert isinstance(answer, Conflict)
    assert path.read_text("utf-8") == found
    assert "Le mien" in composer.versions(REF).text(answer.mine)
    assert composer.clashing(REF, answer.mine).merge is None


TWO = FIRST + "\n::: text\nUn autre bloc\n:::\n"


def writing_block(at: int, body: str) -> Callable[[Draft], Issue]:
    def edit(draft: Draft) -> Issue:
        blocks = list(draft.issue.blocks)
        blocks[at] = replace(blocks[at], body=body)
        return replace(draft.issue, blocks=tuple(blocks))

    return edit


def test_undoing_takes_back_ones_own_last_step_and_keeps_what_a_colleague_wrote(
    composer: Composer, path: Path
) -> None:
    path.write_text(TWO, "utf-8")
    base = composer.begin(REF).version
    one, two = Writing("a", "one", base), Writing("b", "two", base)
    composer.save(REF, one, writing_block(0, "de la première"))
    composer.save(REF, two, writing_block(1, "de la seconde"))
    assert isinstance(composer.step(REF, one, Change.UNDONE), Saved)
    assert path.read_text("utf-8") == TWO.replace("Un autre bloc", "de la seconde")
    assert composer.step(REF, one, Change.UNDONE) is None
    assert isinstance(composer.step(REF, two, Change.UNDONE), Saved)
    assert path.read_text("utf-8") == TWO
    assert isinstance(composer.step(REF, one, Change.REDONE), Saved)
    assert path.read_text("utf-8") == TWO.replace("Texte", "de la première")


def test_a_page_on_which_nothing_was_typed_asks_nothing_where_the_file_cannot_be_read(
    composer: Composer, path: Path
) -> None:
    writing = Writing("a", "one", composer.begin(REF).version)
    unfinished = FIRST + "\n::: text\nhalf written\n"
    path.write_text(unfinished, "utf-8")
    answer = composer.save(REF, writing, lambda draft: draft.issue)
    assert isinstance(answer, Saved)
    assert (answer.version, answer.file, answer.is_new) == (writing.base, composer.version(REF), False)
    assert [each.change for each in composer.versions(REF).log()] == [Change.FOUND]
    assert isinstance(composer.save(REF, writing, typing("Le mien")), Conflict)
    assert path.read_text("utf-8") == unfinished


def test_undoing_what_a_colleague_went_on_with_is_asked(composer: Composer, path: Path) -> None:
    base = composer.begin(REF).version
    one = Writing("a", "one", base)
    first = composer.save(REF, one, writing_block(0, "de la première"))
    assert isinstance(first, Saved)
    composer.save(REF, Writing("b", "two", first.version), writing_block(0, "de la première, et plus"))
    answer = composer.step(REF, one, Change.UNDONE)
    assert isinstance(answer, Conflict)
    assert "de la première, et plus" in path.read_text("utf-8")
    found = composer.clashing(REF, answer.mine).merge
    assert found is not None
    assert len(found.clashes) == 1


def test_a_disk_that_refuses_leaves_the_file_as_it_was(composer: Composer, path: Path) -> None:
    base = composer.begin(REF).version
    versions = composer.versions(REF).folder
    for each in versions.iterdir():
        each.unlink()
    versions.rmdir()
    versions.write_text("in the way", "utf-8")
    with pytest.raises(StoreError):
        composer.save(REF, Writing("a", "one", base), typing("x"))
    assert path.read_text("utf-8") == FIRST


@pytest.mark.parametrize(
    "ref", ["../..", "flash/..", "../flash", "flash/", "/a", ".", "flash/../../elsewhere"]
)
def test_a_name_that_leads_elsewhere_reaches_no_file(composer: Composer, tmp_path: Path, ref: str) -> None:
    before = sorted(tmp_path.rglob("*"))
    writing = Writing("a", "one", "")
    with pytest.raises(InputError):
        composer.versions(ref)
    with pytest.raises(InputError):
        composer.save(ref, writing, typing("x"))
    with pytest.raises(InputError):
        composer.put(ref, writing, "0" * 64, Change.RESTORED)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_letter_that_is_not_there_leaves_no_folder(composer: Composer, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(NotFoundError):
        composer.save("flash/nothing", Writing("a", "one", ""), typing("x"))
    with pytest.raises(NotFoundError):
        composer.begin("flash/nothing")
    assert sorted(tmp_path.rglob("*")) == before
