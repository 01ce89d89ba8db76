"""docs/reference/segments.md tells every field and operator, and its example is a rule."""

import re
import tomllib
from pathlib import Path

from mailer.model.people import ExclusionReason, OrganisationKind
from mailer.model.segment import Operator
from mailer.model.segment_grammar import parse_segment
from mailer.segments import check
from mailer.segments.fields import FIELDS
from tests.conftest import REPOSITORY

PAGE = (REPOSITORY / "docs/reference/segments.md").read_text("utf-8")


def test_every_field_operator_and_word_is_documented() -> None:
    names = [*FIELDS, *Operator, *OrganisationKind, *ExclusionReason]
    assert [name for name in names if f"`{name}`" not in PAGE] == []


def test_the_example_is_a_rule_without_mistakes() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    segment, problems = parse_segment(tomllib.loads(example), slug="s", path=Path("s"))
    assert (problems, check(segment)) == ([], [])
