"""The example network that ships with the program is worth copying."""

import re
from datetime import date
from pathlib import Path

import pytest
from babel.dates import format_date
from PIL import Image

from mailer import workspace
from mailer.model.workspace import Issue
from tests.conftest import REPOSITORY

CAMPAIGNS = REPOSITORY / "campaigns"
FILES = sorted(CAMPAIGNS.glob("*/*.md"))
IMAGES = sorted(CAMPAIGNS.glob("*/media/*.png"))
MONTHS = {format_date(date(2026, month, 1), "MMMM", locale="fr"): month for month in range(1, 13)}
WEEKDAYS = {format_date(date(2026, 6, day), "EEEE", locale="fr") for day in range(1, 8)}


def read(path: Path) -> Issue:
    text = path.read_bytes().decode("utf-8")
    issue, problems = workspace.read_issue(text, campaign=path.parent.name, slug=path.stem, path=path)
    assert problems == []
    return issue


def test_it_loads_without_a_problem() -> None:
    found, problems = workspace.load(REPOSITORY)
    assert [str(problem) for problem in problems] == []
    assert set(found.campaigns) == {"newsletter", "flash", "mailing"}


def test_every_block_type_is_shown_somewhere() -> None:
    found, _ = workspace.load(REPOSITORY)
    assert {block.kind for path in FILES for block in read(path).blocks} == set(found.templates.blocks)


def test_the_reference_newsletter_has_twelve_articles_and_ten_kinds() -> None:
    kinds = [block.kind for block in read(CAMPAIGNS / "newsletter/2026-06.md").blocks]
    assert kinds.count("article") == 12
    assert len(set(kinds)) >= 10


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_issue_saved_unchanged_is_the_same_file(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    assert workspace.write_issue(read(path), original=text) == text


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_weekday_fits_its_date(path: Path) -> None:
    text = path.read_text("utf-8")
    for weekday, day, month in re.findall(rf"\b({'|'.join(WEEKDAYS)})\s(\d+)\s({'|'.join(MONTHS)})", text):
        assert format_date(date(2026, MONTHS[month], int(day)), "EEEE", locale="fr") == weekday


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_french_typography_has_its_no_break_spaces(path: Path) -> None:
    issue = read(path)
    words = [issue.subject, issue.preheader]
    for block in issue.blocks:
        words += [block.body, *(value for value in block.attributes.values() if "://" not in value)]
    for text in words:
        assert re.findall(r".{0,20} [:;?!%»]|« .{0,20}|\w'\w", text.replace("](mailto:", "")) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_host_is_an_example(path: Path) -> None:
    text = path.read_text("utf-8")
    hosts = re.findall(r"https?://([^/\s\")]+)|@([\w.-]+\w)", text)
    assert all("".join(host).endswith(".example") for host in hosts)


@pytest.mark.parametrize("path", IMAGES, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_every_image_is_wide_and_light(path: Path) -> None:
    assert path.stat().st_size < 120_000
    with Image.open(path) as image:
        assert image.width >= 900
