"""Two writers, an editor and every act of the page, in any order: reader and writer stay inverses, and no edit is lost."""

import re
from pathlib import Path
from random import Random

import pytest
import requests

from mailer.model.accounts import Role
from mailer.workspace import read_issue, write_issue
from tests.web.composing_pages import OpenPage
from tests.web.conftest import Desk

REF = "flash/2026-06-11"
FIRST = """---
# gardé : en tête
subject: "zq0q Premier" # gardé : à côté
preheader: "zq1q"
auteur: Communication
---

<!-- gardé : devant -->
::: section
zq2q
:::

::: article {link="https://reseau.example/a"   label=Lire}
# zq3q
zq4q
:::

<!-- gardé : entre -->
::: text
zq5q
:::

::: quote {author="zq6q"}
zq7q
:::
"""
TOKEN = re.compile(r"zq\d+q")
#: What people put around their words.
AROUND = [
    "{}",
    "« {} » ; oui ?",
    "{{{{ first_name | vous }}}} {}",
    "{} \\ \" ' # fin",
    "::: {}",
    "  {}  ",
    "😀 {} é\u202f!",
]
LINES = ["{}\n:::\n::: text", "# {}\n\n- un\n- deux", "{}\n---\nsuite", "\\::: {}", "{}\n\n\n<!-- non -->"]
MOST_BLOCKS = 9


class Storm:
    """Draws acts from one seed, and checks after each that nothing is lost."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.random = Random(seed)
        self.path = desk.mailer.settings.workspace / f"campaigns/{REF}.md"
        self.path.write_text(FIRST, "utf-8")
        self.pages = [OpenPage.of(desk, role, REF) for role in (Role.WRITER, Role.APPROVER)]
        self.versions = desk.mailer.composer.versions(REF).folder
        self.number = 100
        self.typed: set[str] = set(TOKEN.findall(FIRST))
        self.kept: set[str] = set()
        self.seen: set[Path] = set()
        self.done: dict[str, int] = {}

    def step(self) -> None:
        acts = [self.type, self.type, self.type, self.hand, self.hand, self.arrange, self.travel, self.look]
        act = self.random.choice(acts)
        name = act.__name__
        self.done[name] = self.done.get(name, 0) + 1
        act(self.random.choice(self.pages))
        self.check()

    # --- acts -----------------------------------------------------------------------------------

    def type(self, page: OpenPage) -> None:
        """Some fields, then the save of the script. What was in the file and not typed over is there afterwards."""
        before, over, new = self.tokens(), set[str](), set[str]()
        for name in self.random.sample(self.texts(page), k=self.random.randint(1, 2)):
            over |= set(TOKEN.findall(page.form[name]))
            page.form[name] = self.words(name)
            new |= set(TOKEN.findall(page.form[name]))
        answer = page.save()
        if answer.status_code == 409:
            self.conflict(page, answer.json()["conflict"])
            return
        assert answer.status_code == 200
        assert answer.json()["refused"] == []
        after = self.tokens()
        assert new <= after
        assert before - over <= after

    def arrange(self, page: OpenPage) -> None:
        count = self.blocks(page)
        at = self.random.randint(1, max(count, 1))
        acts = [f"up:{at}", f"down:{at}", f"move:{at}:{self.random.randint(1, count + 1)}", f"delete:{at}"]
        if count < MOST_BLOCKS:
            acts += [f"add:text:{at}", f"copy:{at}"]
        self.whole(page, page.act(self.random.choice(acts)))

    def travel(self, page: OpenPage) -> None:
        self.whole(page, page.act(self.random.choice(["undo", "undo", "redo"])))

    def look(self, page: OpenPage) -> None:
        """The page is renewed, or opened again."""
        if page.is_behind and self.random.random() < 0.7:
            self.whole(page, page.act("renew:1"))
        else:
            page.open()

    def hand(self, _page: OpenPage) -> None:
        """In a text editor, whatever pages are open."""
        text = self.path.read_text("utf-8")
        found = TOKEN.findall(text)
        self.remember(text)
        acts = [self._write_over, self._write_over, self._add_comment, self._add_block, self._set_key]
        text = self.random.choice(acts)(text, found)
        self.path.write_text(text, "utf-8")

    def conflict(self, page: OpenPage, path: str) -> None:
        self.done["conflict"] = self.done.get("conflict", 0) + 1
        page.choose(path, self.random.choice)

    # --- inside ---------------------------------------------------------------------------------

    def whole(self, page: OpenPage, answer: requests.Response) -> None:
        if answer.status_code == 303:
            self.conflict(page, answer.headers["Location"])
        else:
            assert answer.status_code == 200

    def check(self) -> None:
        text = self.path.read_text("utf-8")
        issue, problems = read_issue(text, campaign="flash", slug="2026-06-11", path=Path("a.md"))
        assert problems == [], text
        assert write_issue(issue, original=text) == text
        again, problems = read_issue(
            write_issue(issue), campaign="flash", slug="2026-06-11", path=Path("a.md")
        )
        assert (again, problems) == (issue, [])
        self.remember(text)
        assert self.typed - self.kept == set()
        assert "# gardé : en tête" in text
        assert "auteur: Communication" in text

    def remember(self, text: str) -> None:
        """Everything that is in the file or in its history."""
        self.kept |= set(TOKEN.findall(text))
        for each in set(self.versions.glob("*.md")) - self.seen:
            self.seen.add(each)
            self.kept |= set(TOKEN.findall(each.read_text("utf-8")))

    def tokens(self) -> set[str]:
        return set(TOKEN.findall(self.path.read_text("utf-8")))

    def token(self) -> str:
        self.number += 1
        self.typed.add(f"zq{self.number}q")
        return f"zq{self.number}q"

    def words(self, name: str) -> str:
        choices = [*AROUND, *LINES] if name.endswith(".text") else AROUND
        return self.random.choice(choices).format(self.token())

    @staticmethod
    def texts(page: OpenPage) -> list[str]:
        wanted = re.compile(r"subject|preheader|b\d+\.(title|text|author|label)")
        return [name for name in page.form if wanted.fullmatch(name)]

    @staticmethod
    def blocks(page: OpenPage) -> int:
        return max(
            (int(name[1:].partition(".")[0]) for name in page.form if re.match(r"b\d+\.", name)), default=0
        )

    def _write_over(self, text: str, found: list[str]) -> str:
        return text.replace(self.random.choice(found), self.token(), 1) if found else text

    def _add_comment(self, text: str, _found: list[str]) -> str:
        return text.replace("\n::: ", f"\n<!-- {self.token()} -->\n::: ", 1)

    def _add_block(self, text: str, _found: list[str]) -> str:
        if text.count("\n::: ") >= MOST_BLOCKS:
            return text.replace("\n\n\n", "\n\n")
        return text.rstrip("\n") + f"\n\n::: text\n{self.token()}\n:::\n"

    def _set_key(self, text: str, _found: list[str]) -> str:
        line = f'note: "{self.token()}"'
        if re.search(r"^note: ", text, re.MULTILINE):
            return re.sub(r"^note: .*$", line, text, count=1, flags=re.MULTILINE)
        return text.replace("\nauteur:", f"\n{line}\nauteur:", 1)


def play(desk: Desk, *, seed: int, steps: int) -> dict[str, int]:
    """How often each act came."""
    storm = Storm(desk, seed)
    for _ in range(steps):
        storm.step()
    return storm.done


def test_sixty_saves_and_hand_edits_lose_nothing(desk: Desk) -> None:
    assert play(desk, seed=1, steps=60)["type"] > 10


@pytest.mark.long
def test_a_thousand_saves_and_hand_edits_lose_nothing(desk: Desk) -> None:
    done = play(desk, seed=3, steps=1_000)
    assert min(done[name] for name in ("type", "hand", "arrange", "travel", "look", "conflict")) > 10
