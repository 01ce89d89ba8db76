"""What each block and each layout looks like, as files to be read in a review.

After a change of templates that is meant, write them anew and read the difference:

    GOLDEN=write .venv/bin/pytest tests/rendering/test_golden.py
"""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html

from mailer import workspace
from mailer.model.workspace import Block, Issue
from mailer.tokens import Signer
from tests.gates import check_message
from tests.rendering.conftest import CAMILLE, Press, copies_of, envelope_for, links_for

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
KINDS = sorted(path.stem for path in (HERE.parents[1] / "templates/blocks").glob("*.toml"))
LAYOUTS = ("newsletter", "flash", "mailing")


@pytest.fixture(scope="module")
def samples() -> Issue:
    text = (HERE / "samples.md").read_text("utf-8")
    issue, problems = workspace.read_issue(text, campaign="mailing", slug="samples", path=Path("samples.md"))
    assert problems == []
    return issue


def test_there_is_a_sample_of_every_kind(samples: Issue) -> None:
    assert sorted(block.kind for block in samples.blocks) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_block_looks_as_it_did(press: Press, samples: Issue, kind: str) -> None:
    block = next(block for block in samples.blocks if block.kind == kind)
    content = press.content(press.blocks(block))
    _compare(f"block-{kind}.html", _block_html(content.html))
    _compare(f"block-{kind}.txt", _block_text(content.text))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_looks_as_it_did(press: Press, samples: Issue, layout: str) -> None:
    changes = {"subject": samples.subject, "number": samples.number, "send_at": samples.send_at}
    compiled = press.blocks(Block("text", {}, "Corps de la lettre."), campaign=layout, **changes)
    _compare(f"layout-{layout}.html", press.content(compiled).html)
    _compare(f"layout-{layout}.txt", press.content(compiled).text)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_all_samples_together_pass_the_gates(
    press: Press, samples: Issue, signer: Signer, layout: str
) -> None:
    compiled = press.compile(samples, replace(press.shipped.campaigns["mailing"], layout=layout))
    links = links_for(signer, compiled, tracked=True, pixel=True)
    message = copies_of(compiled).message(CAMILLE, links, envelope_for(links), tag="t")
    assert check_message(message.mime) == []


def _compare(name: str, found: str) -> None:
    path = GOLDEN / name
    found = re.sub(r"/media/[0-9a-f]{64}", "/media/<sha256>", found)
    found = re.sub(r">\s*<", ">\n<", found) if name.endswith(".html") else found
    if os.environ.get("GOLDEN") == "write":
        path.write_text(found.rstrip("\n") + "\n", "utf-8")
    assert found.rstrip("\n") + "\n" == path.read_text("utf-8"), (
        f"{name} changed: see the docstring of {__name__}"
    )


def _block_html(page: str) -> str:
    """What stands between the frame's header and its footer, with the comments that Outlook reads."""
    (wrapper,) = html.document_fromstring(page).xpath("//div[@aria-roledescription='email']")
    places = [place for place, node in enumerate(wrapper) if node.tag == "div"]
    # Before: the hidden preheader, the header, a gap. After: a gap, the footer, a margin.
    inside = wrapper[places[2] + 1 : places[-3]]
    return "".join(html.tostring(node, encoding="unicode") for node in inside)


def _block_text(text: str) -> str:
    return text.partition("/v/page\n\n")[2].partition("\n-----")[0]
