"""MJML: what mjml-python takes in silence is refused, and rows are merged without changing what they show."""

import pytest
from lxml import html

from mailer.errors import WorkspaceError
from mailer.rendering.mjml import to_html

PAGE = "<mjml><mj-body><mj-section><mj-column>{}</mj-column></mj-section></mj-body></mjml>"
ROW = '<mj-section mj-class="row"><mj-column><mj-text>{}</mj-text></mj-column></mj-section>'


def codes(mjml: str) -> list[str]:
    with pytest.raises(WorkspaceError) as caught:
        to_html(mjml)
    return [problem.code for problem in caught.value.problems]


@pytest.mark.parametrize(
    "name", ["mj-include", "mj-raw", "mj-html-attributes", "mj-font", "mj-tpyo", "MJ-INCLUDE"]
)
def test_an_unknown_component_is_refused(name: str) -> None:
    assert "mjml-component" in codes(PAGE.format(f'<{name} path="/etc/passwd" />'))


@pytest.mark.parametrize(
    "mjml",
    [
        "<mjml><mj-body><mj-text>x</mj-text></mj-body></mjml>",
        "<mjml><mj-body><mj-section><mj-text>x</mj-text></mj-section></mj-body></mjml>",
        PAGE.format("<mj-column></mj-column>"),
        PAGE.format("<mj-text><mj-text>x</mj-text></mj-text>"),
        PAGE.format("<mj-text>x"),
        PAGE.format("</mj-text>"),
        "<mj-body></mj-body>",
    ],
)
def test_a_misplaced_component_is_refused(mjml: str) -> None:
    assert set(codes(mjml)) == {"mjml-nesting"}


def test_neighbouring_rows_are_merged_and_others_are_not() -> None:
    two = '<mj-section mj-class="row"><mj-column><mj-text>c</mj-text></mj-column><mj-column></mj-column></mj-section>'
    page = "<mjml><mj-body>{}</mj-body></mjml>"
    merged = html.document_fromstring(
        to_html(page.format(ROW.format("a") + ROW.format("b") + two + ROW.format("d")))
    )
    apart = html.document_fromstring(to_html(page.format(ROW.format("a") + two + ROW.format("d"))))
    assert [text.strip() for text in merged.find("body").itertext() if text.strip()] == ["a", "b", "c", "d"]
    assert len(list(merged.iter("tbody"))) == len(list(apart.iter("tbody")))


@pytest.mark.parametrize("padding", ["0 30px", "0px 30px", "0 30px 0 30px"])
def test_a_bare_zero_does_not_hide_the_rest_of_a_padding(padding: str) -> None:
    """Outlook needs a cell of 540 pixels: 600 less 30 on each side."""
    page = f'<mjml><mj-body><mj-section padding="{padding}"><mj-column></mj-column></mj-section></mj-body></mjml>'
    assert "width:540px" in to_html(page)
