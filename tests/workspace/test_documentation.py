"""docs/reference/files.md tells every key that is read."""

from dataclasses import fields

from mailer.model.workspace import BlockField, FieldKind
from mailer.workspace.campaigns import KEYS
from mailer.workspace.reader import OWN_KEYS
from tests.conftest import REPOSITORY

PAGE = (REPOSITORY / "docs/reference/files.md").read_text("utf-8")


def test_every_key_of_a_campaign_is_documented() -> None:
    assert [key for key in sorted(KEYS - {"sender"}) if f"| `{key}` |" not in PAGE] == []


def test_every_key_of_an_issue_is_documented() -> None:
    assert [key for key in OWN_KEYS if f"| `{key}` |" not in PAGE] == []


def test_every_key_and_kind_of_a_field_is_documented() -> None:
    names = [each.name for each in fields(BlockField)] + list(FieldKind)
    assert [name for name in names if f"`{name}`" not in PAGE] == []
