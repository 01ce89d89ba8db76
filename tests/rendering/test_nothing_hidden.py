"""No link is hidden from people: Gmail takes that for a trick, and a trap for machines is one, too (rules, Gmail on content)."""

import re

import pytest
from lxml import html as lxml_html

from mailer.rendering.copies import Copies
from mailer.tokens import Signer
from tests.conftest import REPOSITORY
from tests.rendering.conftest import CAMILLE, Press, links_for

_HIDDEN = re.compile(
    r"display:\s*none|visibility:\s*hidden|opacity:\s*0(?![.\d])|max-height:\s*0(?![.\d])|mso-hide"
)
_SIZE = re.compile(r"font-size:\s*([\d.]+)")
ISSUES = sorted(
    f"{path.parent.name}/{path.stem}"
    for path in (REPOSITORY / "campaigns").glob("*/*.md")
    if path.stem != "modele"
)


def hidden_links(html: str) -> list[str]:
    tree = lxml_html.document_fromstring(html)
    return [link.get("href", "") for link in tree.iter("a") if is_hidden([link, *link.iterancestors()])]


def is_hidden(chain: list[lxml_html.HtmlElement]) -> bool:
    """A table may have no letters of its own size (MJML): the nearest size is that of the words."""
    styles = [each.get("style", "") for each in chain]
    sizes = [float(found[1]) for found in map(_SIZE.search, styles) if found]
    has_words = bool(chain[0].text_content().strip())  # a picture needs no letters
    return any(_HIDDEN.search(style) for style in styles) or (has_words and sizes[:1] == [0.0])


@pytest.mark.parametrize("ref", ISSUES)
def test_no_letter_hides_a_link(press: Press, signer: Signer, ref: str) -> None:
    campaign, _, issue = ref.partition("/")
    if issue not in press.shipped.campaigns[campaign].issues:
        pytest.skip("a frame, from which letters begin")
    compiled = press.issue(ref)
    links = links_for(signer, compiled, pixel=True, tracked=True)
    content = Copies.of(compiled).content(CAMILLE, links)
    assert hidden_links(content.html) == []
    pixel = content.html[content.html.rindex("<img") :]
    assert not _HIDDEN.search(pixel[: pixel.index(">")])


@pytest.mark.parametrize("style", ["display:none;", "font-size:0px;", "opacity:0", "max-height: 0;"])
def test_a_hidden_link_would_be_found(style: str) -> None:
    trap = f'<html><body style="font-size:16px"><p style="{style}"><a href="/piege">x</a></p></body></html>'
    assert hidden_links(trap) == ["/piege"]
