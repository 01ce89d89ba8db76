"""Whatever stands in a file, the reading goes on: each mistake is reported, and the rest is there."""

from pathlib import Path

import pytest

from mailer import workspace
from mailer.model.workspace import Campaign
from mailer.workspace.campaigns import KEYS
from tests.workspace.conftest import CAMPAIGN, write
from tests.workspace.test_loading import CAMPAIGN_FILE, only_problem


@pytest.mark.parametrize("key", sorted(KEYS))
@pytest.mark.parametrize("value", ['""', "3", "true", "[1]", "{a = 1}", "2026-06-11", '"é è"', "1.5"])
def test_no_value_of_a_campaign_stops_the_reading(root: Path, key: str, value: str) -> None:
    lines = [line for line in CAMPAIGN.splitlines() if not line.startswith((f"{key} =", f"[{key}]"))]
    if key == "sender":
        lines = lines[: lines.index("")]
    write(root, CAMPAIGN_FILE, f"{key} = {value}\n" + "\n".join(lines))
    found, problems = workspace.load(root)
    assert found.campaigns["flash"].issues
    assert {problem.path for problem in problems} <= {Path(CAMPAIGN_FILE)}


@pytest.mark.parametrize("key", ["title", "members_only", "where", "except", "one_per", "jobs"])
@pytest.mark.parametrize("value", ['"x"', "3", "true", "[1]", "[[1]]", "{a = 1}", "2026-06-11"])
def test_no_value_of_a_segment_stops_the_reading(root: Path, key: str, value: str) -> None:
    write(root, "audiences/elus.toml", f"{key} = {value}\n")
    found, problems = workspace.load(root)
    assert "elus" in found.segments
    assert {problem.path for problem in problems} <= {Path("audiences/elus.toml")}


@pytest.mark.parametrize("key", ["label", "icon", "fields", "name", "kind", "help", "maximum", "choices"])
@pytest.mark.parametrize("value", ['"x"', "3", "true", "[1]", "{a = 1}"])
def test_no_value_of_a_block_type_stops_the_reading(root: Path, key: str, value: str) -> None:
    write(root, "templates/blocks/divider.toml", f"{key} = {value}\n")
    write(root, "templates/blocks/section.toml", f'label = {{fr = "x"}}\n[[fields]]\n{key} = {value}\n')
    found, problems = workspace.load(root)
    assert found.campaigns["flash"].issues
    assert problems


@pytest.mark.parametrize(
    "value", ["kind = 3", "maximum = 'x'", "label = 'X'", "choices = 'ab'", "required = []"]
)
def test_a_field_with_a_value_of_the_wrong_kind_is_reported(root: Path, value: str) -> None:
    values = {"name": "'x'", "kind": "'line'", "source": "'body'", "label": "{fr = 'X'}"}
    key, _, text = value.partition(" = ")
    lines = "\n".join(f"{name} = {text}" for name, text in {**values, key: text}.items())
    write(root, "templates/blocks/divider.toml", f"label = {{fr = 'X'}}\n[[fields]]\n{lines}\n")
    problem = only_problem(root)
    assert (problem.code, problem.line, problem.values["reason"]) == ("bad-field", 2, key)


def test_a_file_that_is_nested_ten_thousand_deep_is_one_mistake_and_hides_no_other(root: Path) -> None:
    rule = '{field = "contact.job", is = "x"}'
    deep = "[{all = " * 10_000 + f"[{rule}]" + "}]" * 10_000
    write(root, "audiences/profond.toml", f'title = "x"\n[[where]]\nany = {deep}\n')
    found, problems = workspace.load(root)
    assert [(each.code, each.path.name if each.path else "") for each in problems] == [
        ("too-deep", "profond.toml")
    ]
    assert found.campaigns


@pytest.mark.parametrize("name", ["a" * 300 + ".png", "a/" * 3000 + "b.png"])
def test_a_name_that_no_file_system_takes_is_one_missing_file(root: Path, name: str) -> None:
    body = f'::: article {{image="{name}" alt=""}}\n# Titre\n:::\n'
    write(root, "campaigns/flash/2026-06-18.md", f'---\nsubject: "x"\n---\n{body}')
    assert only_problem(root).code == "missing-file"


def test_nor_does_the_byte_zero_in_a_name(root: Path) -> None:
    body = '::: article {image="a\0b.png" alt=""}\n# Titre\n:::\n'
    write(root, "campaigns/flash/2026-06-18.md", f'---\nsubject: "x"\n---\n{body}')
    _, problems = workspace.load(root)
    assert {each.code for each in problems} == {"control-character", "outside-campaign"}


@pytest.mark.parametrize("key", ["segment", "rhythm.frame", "erratum_of"])
def test_nor_does_such_a_name_of_another_file_stop_the_reading(root: Path, key: str) -> None:
    long = "a" * 300
    if key == "erratum_of":
        write(root, "campaigns/flash/2026-06-18.md", f'---\nsubject: "x"\nerratum_of: {long}\n---\n')
    else:
        lines = [line for line in CAMPAIGN.splitlines() if not line.startswith(("segment", "rhythm"))]
        plan = f'rhythm = {{weekday = "monday", hour = "09:00", frame = "{long}"}}'
        said = f'segment = "{long}"' if key == "segment" else f'segment = "adherents"\n{plan}'
        write(root, CAMPAIGN_FILE, f"{said}\n" + "\n".join(lines))
    found, problems = workspace.load(root)
    assert found.campaigns["flash"].issues
    assert problems


def test_a_number_of_too_many_digits_is_one_mistake_of_its_file(root: Path) -> None:
    write(root, CAMPAIGN_FILE, f"staged = {'9' * 5000}\n{CAMPAIGN}")
    assert only_problem(root).code == "broken-toml"


@pytest.mark.parametrize("hour", ["9999-12-31 23:59", "0001-01-01 00:00", "1969-12-31 09:00"])
def test_an_hour_without_neighbours_is_one_mistake_of_its_letter(root: Path, hour: str) -> None:
    write(root, "campaigns/flash/2026-06-18.md", f'---\nsubject: "x"\nsend_at: {hour}\n---\n')
    assert (only_problem(root).code, only_problem(root).line) == ("bad-date", 3)


@pytest.mark.parametrize("key", ["staged", "max_lateness_minutes", "undo_seconds"])
@pytest.mark.parametrize("value", [-1, 10**25])
def test_an_amount_that_no_clock_knows_is_a_mistake_and_not_used(root: Path, key: str, value: int) -> None:
    write(root, CAMPAIGN_FILE, f"{key} = {value}\n{CAMPAIGN}")
    usual = Campaign.__dataclass_fields__[key].default
    assert getattr(workspace.load(root)[0].campaigns["flash"], key) == usual
    assert (only_problem(root).code, only_problem(root).field) == ("bad-value", key)
