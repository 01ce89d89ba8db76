"""`[rhythm]` says when letters are planned; a frame is a file that no letter's road leads through."""

from datetime import time
from pathlib import Path

import pytest

from mailer import workspace
from mailer.model.workspace import Rhythm
from tests.workspace.conftest import CAMPAIGN, ISSUE, write

FILE = "campaigns/flash/campaign.toml"
TABLE = """
[rhythm]
weekday = "thursday"
hour = "09:00"
frame = "cadre"
remind_days = 3
"""
PLANNED = CAMPAIGN.replace('rhythm = "weekly"\n', "") + TABLE


@pytest.fixture
def planned(root: Path) -> Path:
    write(root, FILE, PLANNED)
    write(root, "campaigns/flash/cadre.md", ISSUE.replace("number: 47\n", ""))
    return root


def test_a_table_says_day_hour_frame_and_reminder(planned: Path) -> None:
    found, problems = workspace.load(planned)
    assert problems == []
    campaign = found.campaigns["flash"]
    assert (campaign.rhythm, campaign.plan) == ("weekly", Rhythm(3, time(9), "cadre", 3))


def test_the_frame_is_not_one_of_the_letters(planned: Path) -> None:
    campaign = workspace.load(planned)[0].campaigns["flash"]
    assert "cadre" not in campaign.issues
    assert campaign.frame is not None
    assert campaign.frame.subject == "Repères de juin"


def test_a_mistake_of_the_frame_is_told(planned: Path) -> None:
    write(planned, "campaigns/flash/cadre.md", ISSUE.replace("::: section", "::: sektion"))
    codes = {(problem.path, problem.code) for problem in workspace.load(planned)[1]}
    assert (Path("campaigns/flash/cadre.md"), "unknown-block") in codes


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ('"thursday"', '"jeudi"', "bad-value", 11),
        ('"09:00"', '"9 h"', "bad-value", 12),
        ('"09:00"', '"09:00:30"', "bad-value", 12),
        ('"09:00"', '"24:00"', "bad-value", 12),
        ('hour = "09:00"', "hour = 9", "bad-value", 12),
        ('hour = "09:00"\n', "", "missing-key", None),
        ('"cadre"', '"../cadre"', "bad-value", 13),
        ('"cadre"', '"kadre"', "unknown-frame", 13),
        ("remind_days = 3", "remind_days = 8", "bad-value", 14),
        ("remind_days = 3", "reminddays = 3", "unknown-key", 14),
    ],
)
def test_a_bad_value_is_told_with_its_line(
    planned: Path, old: str, new: str, code: str, line: int | None
) -> None:
    write(planned, FILE, PLANNED.replace(old, new))
    told = [(each.code, each.line) for each in workspace.load(planned)[1] if each.path == Path(FILE)]
    assert (code, line) in told


def test_one_word_is_still_enough(root: Path) -> None:
    campaign = workspace.load(root)[0].campaigns["flash"]
    assert (campaign.rhythm, campaign.plan, campaign.frame) == ("weekly", None, None)
