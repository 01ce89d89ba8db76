"""A letter asks for the consent to be measured where its front matter says so, and nowhere else."""

from dataclasses import replace

import pytest

from mailer.app.preview import build_preview
from mailer.errors import Severity
from mailer.model.workspace import Block, BlockType
from mailer.rendering import preflight
from tests.rendering.conftest import CAMILLE, Press

QUESTION = Block("consent", {}, "# Pouvons-nous mesurer\u00a0?\nSi vous dites non, rien ne change.")
FILLER = Block("text", {}, "Un texte sans faute.")


@pytest.mark.parametrize(
    ("block", "front", "codes"),
    [
        (QUESTION, {"asks_consent": True}, []),
        (QUESTION, {}, ["consent-undeclared"]),
        (QUESTION, {"asks_consent": False}, ["consent-undeclared"]),
        (FILLER, {"asks_consent": True}, ["consent-unasked"]),
        (FILLER, {}, []),
    ],
)
def test_the_key_and_the_links_go_together(
    press: Press, block: Block, front: dict[str, bool], codes: list[str]
) -> None:
    issue = press.made(block, front=front)
    compiled = press.compile(issue, press.shipped.campaigns["mailing"])
    found = preflight(compiled, [press.content(compiled)], issue=issue)
    assert [problem.code for problem in found] == codes
    assert all(each.severity == Severity.BLOCKING for each in found)


def test_one_answer_alone_is_no_question(press: Press) -> None:
    """A block of one's own that only shows yes, or shows no in one form only."""
    campaign, shipped = press.shipped.campaigns["mailing"], press.shipped.templates
    half: BlockType = replace(
        shipped.blocks["consent"], text=shipped.blocks["consent"].text.replace("links.consent_no", "title")
    )
    issue = press.made(QUESTION, front={"asks_consent": True})
    compiled = press.compile(issue, campaign, replace(shipped, blocks={**shipped.blocks, "consent": half}))
    found = preflight(compiled, [press.content(compiled)], issue=issue)
    assert "consent-unasked" in [problem.code for problem in found]


def test_the_preview_shows_both_links(press: Press) -> None:
    campaign = press.shipped.campaigns["mailing"]
    issue = press.made(QUESTION, front={"asks_consent": True})
    preview = build_preview(press.compile(issue, campaign), campaign, issue, CAMILLE, "https://a.example")
    for part in (preview.content.html, preview.content.text):
        assert "https://a.example/oui/apercu" in part
        assert "https://a.example/non/apercu" in part
    assert preview.blocking == ()
