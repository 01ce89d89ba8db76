"""Every mail has the widths that MJML's own compiler gives it (`widths.json`, written by `make oracle`)."""

import json
from pathlib import Path

import pytest

from mailer.rendering.inlining import inlined
from mailer.rendering.mjml import to_html
from tests.rendering.conftest import Press
from tests.rendering.oracle.sources import sources
from tests.rendering.oracle.widths import are_same, differences, widths_in

GOLDEN: dict[str, list[str]] = json.loads(Path(__file__).with_name("widths.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def written(press: Press) -> dict[str, str]:
    return sources(press)


def test_the_oracle_was_asked_about_everything(written: dict[str, str]) -> None:
    assert sorted(written) == sorted(GOLDEN), "templates were added: run `make oracle` where node is there"


@pytest.mark.parametrize("name", GOLDEN)
def test_the_widths_are_those_of_the_oracle(written: dict[str, str], name: str) -> None:
    assert differences(widths_in(inlined(to_html(written[name]))), GOLDEN[name]) == [], "see `make oracle`"


def test_a_pixel_is_a_difference() -> None:
    assert are_same("outlook td width:188.48px", "outlook td width:188px")
    assert not are_same("outlook td width:544px", "outlook td width:545px")
    assert not are_same("all img width:544", "all td width:544")
    assert not are_same("column 33.33%", "column 33.34%")


def test_what_only_outlook_reads_is_read() -> None:
    html = '<!--[if mso | IE]><td style="vertical-align:top;width:300px;" ><![endif]--><img width="90" style="x:y">'
    assert widths_in(html) == ["outlook td width:300px", "all img width:90"]
