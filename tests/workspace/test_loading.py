"""Loading finds every mistake, says where it is, and keeps what is right."""

from pathlib import Path

import pytest

from mailer import workspace
from mailer.errors import Problem, Severity
from mailer.model.workspace import Tracking
from tests.workspace.conftest import CAMPAIGN, ISSUE, write

CAMPAIGN_FILE = "campaigns/flash/campaign.toml"
ISSUE_FILE = "campaigns/flash/2026-06-11.md"


def only_problem(root: Path) -> Problem:
    _, problems = workspace.load(root)
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


def test_a_workspace_without_mistakes_has_no_problems(root: Path) -> None:
    found, problems = workspace.load(root)
    assert problems == []
    campaign = found.campaigns["flash"]
    assert (campaign.sender_address, campaign.rhythm, campaign.one_per_day) == (
        "flash@reseau.example",
        "weekly",
        True,
    )
    assert campaign.issues["2026-06-11"].number == 47
    assert campaign.issues["2026-06-11"].path == Path(ISSUE_FILE)
    assert found.segments["adherents"].members_only
    assert found.templates.blocks["section"].fields[0].maximum == 40


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ('title = "Flash hebdo"', 'title = "Flash', "broken-toml", 1),
        ('topic = "flash"', 'topik = "flash"\ntopic = "flash"', "unknown-key", 2),
        ('topic = "flash"\n', "", "missing-key", None),
        ('name = "Le réseau"', "name = 3", "bad-value", 8),
        ('name = "Le réseau"', 'nom = "x"\nname = "Le réseau"', "unknown-key", 8),
        ('segment = "adherents"', 'segment = "adherent"', "unknown-segment", 3),
        ('layout = "flash"', 'layout = "flach"', "unknown-layout", 4),
        ('rhythm = "weekly"', 'rhythm = "often"', "bad-value", 5),
        ('rhythm = "weekly"', 'tracking = "anonymous"', "tracking-undecided", 5),
        ('rhythm = "weekly"', 'tracking = "secret"', "bad-value", 5),
        ('rhythm = "weekly"', "members_only = 1", "bad-value", 5),
        ('rhythm = "weekly"', "undo_seconds = true", "bad-value", 5),
        ('rhythm = "weekly"', "staged = -1", "bad-value", 5),
        ('rhythm = "weekly"', 'zone = "Europe/Pari"', "bad-value", 5),
        ('rhythm = "weekly"', 'zone = ""', "bad-value", 5),
        ('rhythm = "weekly"', 'cohort = "contact.job"', "bad-value", 5),
        ('rhythm = "weekly"', 'reply_to = "a@b.example, c@d.example"', "bad-value", 5),
        ("flash@reseau.example", "flash@reseau", "bad-value", 9),
        ("flash@reseau.example", "ne-pas-repondre@reseau.example", "no-reply", 9),
    ],
)
def test_a_mistake_in_a_campaign_is_found_in_its_line(
    root: Path, old: str, new: str, code: str, line: int | None
) -> None:
    write(root, CAMPAIGN_FILE, CAMPAIGN.replace(old, new))
    problem = only_problem(root)
    assert (problem.code, problem.path, problem.line) == (code, Path(CAMPAIGN_FILE), line)
    assert problem.remedy


@pytest.mark.parametrize("zone", ["Europe/Pariss", "../x", ""])
def test_a_campaign_whose_zone_does_not_exist_has_the_usual_one(root: Path, zone: str) -> None:
    """Every page that says when its letters leave reads it."""
    write(root, CAMPAIGN_FILE, f'zone = "{zone}"\n' + CAMPAIGN)
    found, _ = workspace.load(root)
    assert found.campaigns["flash"].zone == "Europe/Paris"


def test_an_unknown_key_is_answered_with_the_nearest_known_one(root: Path) -> None:
    write(root, CAMPAIGN_FILE, 'topik = "x"\n' + CAMPAIGN)
    assert str(only_problem(root)) == (
        f"{CAMPAIGN_FILE}:1: The key topik is not known here. Perhaps you meant: topic."
    )


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("::: section", "::: sektion", "unknown-block", 5),
        ("À la une\n", "", "missing-field", 5),
        ("À la une", "À la une de ce beau mois de juin, enfin venu", "too-long", 5),
        ("# L'appel ouvre\n", "", "missing-field", 9),
        ('alt="Place de village" ', "", "missing-alt", 9),
        (" link=", " lien=", "unknown-field", 9),
        (' link="', ' members_only="maybe" link="', "bad-value", 9),
        ("media/place.png", "media/plage.png", "missing-file", 9),
        ("media/place.png", "../../../etc/passwd", "outside-campaign", 9),
        ("media/place.png", "/etc/passwd", "outside-campaign", 9),
        ("https://reseau.example/appel", "reseau.example/appel", "bad-link", 9),
        ("https://reseau.example/appel", "javascript:alert(1)", "bad-link", 9),
        ("::: section\nÀ la une", '::: agenda {date="11/06/2026"}', "bad-date", 5),
        ("::: section\nÀ la une", '::: agenda {date="2026-06-31"}', "bad-date", 5),
        ("::: section\nÀ la une", '::: agenda {date="2026-06-30" tone="loud"}', "bad-value", 5),
        ("::: section\nÀ la une", "::: divider\nPerdu", "unexpected-text", 5),
        ("number: 47", 'number: "47"', "bad-number", 3),
        ("number: 47", "number: -47", "bad-number", 3),
        ("number: 47", "number: 0", "bad-number", 3),
        ("number: 47", "send_at: 2026-06-11", "bad-date", 3),
        ("number: 47", "number: 47\nnumber: 48", "duplicate-key", 4),
        ("number: 47", "tags: [a, b]", "front-matter-value", 3),
        ("number: 47", "- a", "front-matter-line", 3),
        ("number: 47", 'author: "a\\q"', "bad-escape", 3),
        ('subject: "Repères de juin"  # soixante signes au plus\n', "", "missing-subject", 1),
        ("<!-- à relire -->", "À relire", "text-outside-block", 8),
        ("<!-- à relire -->", ":::", "bad-fence", 8),
        ("<!-- à relire -->", "<!-- à relire --> ou non", "text-outside-block", 8),
        ("À la une\n:::", "À la une", "block-not-closed", 5),
        ("::: section", "::: section {.grand}", "bad-attribute", 5),
        (' link="', ' alt="encore" link="', "duplicate-attribute", 9),
        ('"media/place.png"', "'media/place.png'", "bad-attribute", 9),
        ('"media/place.png"', "“media/place.png”", "bad-attribute", 9),
        ('"media/place.png"', "«\u00a0media/place.png\u00a0»", "bad-attribute", 9),
        ("À la une", "À la\0une", "control-character", 6),
        ("À la une", "À la\u2028une", "control-character", 6),
    ],
)
def test_a_mistake_in_an_issue_is_found_in_its_line(
    root: Path, old: str, new: str, code: str, line: int
) -> None:
    assert old in ISSUE
    write(root, ISSUE_FILE, ISSUE.replace(old, new, 1))
    problem = only_problem(root)
    assert (problem.code, problem.path, problem.line) == (code, Path(ISSUE_FILE), line)
    assert problem.remedy


def test_a_decorative_image_needs_no_words(root: Path) -> None:
    write(root, ISSUE_FILE, ISSUE.replace('alt="Place de village"', 'alt=""'))
    assert workspace.load(root)[1] == []


def test_a_long_text_is_a_warning_and_knows_its_block(root: Path) -> None:
    write(root, ISSUE_FILE, ISSUE.replace("À la une", "À la une de ce beau mois de juin, enfin venu"))
    problem = only_problem(root)
    assert (problem.severity, problem.block) == (Severity.WARNING, 1)


def test_what_is_right_is_loaded_beside_what_is_wrong(root: Path) -> None:
    write(root, ISSUE_FILE, ISSUE.replace("À la une", "À la\0une"))
    write(root, "campaigns/letters/campaign.toml", "title = ")
    write(root, "campaigns/flash/2026-06-18.md", ISSUE.replace("47", "48"))
    write(root, "templates/blocks/divider.toml", "label = ")
    found, problems = workspace.load(root)
    assert set(found.campaigns["flash"].issues) == {"2026-06-11", "2026-06-18"}
    assert set(found.templates.blocks) == {"section", "article", "agenda"}
    assert [problem.code for problem in problems] == ["control-character", "broken-toml", "broken-toml"]


def test_an_undecided_anonymous_measure_stays_visible_as_anonymous(root: Path) -> None:
    write(root, CAMPAIGN_FILE, CAMPAIGN.replace('rhythm = "weekly"', 'tracking = "anonymous"'))
    found, _ = workspace.load(root)
    assert found.campaigns["flash"].tracking is Tracking.ANONYMOUS


def test_two_issues_with_one_number_are_reported(root: Path) -> None:
    write(root, "campaigns/flash/2026-06-18.md", ISSUE)
    problem = only_problem(root)
    assert (problem.code, problem.path) == ("duplicate-number", Path("campaigns/flash/2026-06-18.md"))


@pytest.mark.parametrize(("number", "is_wrong"), [(48, False), (50, True), (12, True)])
def test_a_number_that_does_not_follow_is_a_warning(root: Path, number: int, is_wrong: bool) -> None:
    for day, given in ((11, 47), (18, number)):
        text = ISSUE.replace("number: 47", f"number: {given}\nsend_at: 2026-06-{day} 09:00")
        write(root, f"campaigns/flash/2026-06-{day}.md", text)
    found = [(each.code, each.path, each.severity, each.field) for each in workspace.load(root)[1]]
    path = Path("campaigns/flash/2026-06-18.md")
    assert found == ([("number-sequence", path, Severity.WARNING, "number")] if is_wrong else [])


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("# L'appel ouvre\n", "", "title"),
        ("media/place.png", "media/plage.png", "image"),
        ("https://reseau.example/appel", "reseau.example/appel", "link"),
        (" link=", " lien=", "lien"),
        ("number: 47", "number: 0", "number"),
        ("number: 47", "send_at: 2026-06-11", "send_at"),
        ('subject: "Repères de juin"  # soixante signes au plus\n', "", "subject"),
    ],
)
def test_a_mistake_names_its_field(root: Path, old: str, new: str, field: str) -> None:
    write(root, ISSUE_FILE, ISSUE.replace(old, new))
    assert only_problem(root).field == field


@pytest.mark.parametrize(
    "path", ["campaigns/flash/Été 2026.md", "campaigns/Flash 2/campaign.toml", "audiences/Tous.toml"]
)
def test_a_name_that_is_no_slug_is_reported(root: Path, path: str) -> None:
    write(root, path, ISSUE)
    assert only_problem(root).code == "bad-slug"


@pytest.mark.parametrize(
    "place", ["campaigns/flash/2026-07.md", "audiences/tous.toml", "templates/blocks/x.toml"]
)
def test_a_link_that_leads_outside_is_not_followed(root: Path, place: str, tmp_path: Path) -> None:
    outside = write(tmp_path, "ailleurs", ISSUE)
    (root / place).symlink_to(outside)
    found, problems = workspace.load(root)
    assert "outside-workspace" in {problem.code for problem in problems}
    assert "2026-07" not in found.campaigns["flash"].issues


def test_an_image_behind_a_link_that_leads_outside_is_refused(root: Path, tmp_path: Path) -> None:
    image = root / "campaigns/flash/media/place.png"
    image.rename(tmp_path / "place.png")
    image.symlink_to(tmp_path / "place.png")
    assert only_problem(root).code == "outside-campaign"


def test_a_link_that_leads_back_to_itself_is_reported(root: Path) -> None:
    (root / "audiences/ronde.toml").symlink_to("ronde.toml")
    assert only_problem(root).code == "unreadable"


def test_a_file_in_another_encoding_is_reported(root: Path) -> None:
    (root / ISSUE_FILE).write_bytes(ISSUE.encode("cp1252"))
    assert only_problem(root).code == "bad-encoding"


def test_a_field_of_a_block_type_that_cannot_be_used_is_reported_in_its_line(root: Path) -> None:
    broken = 'label = {fr = "Trait"}\n\n[[fields]]\nname = "x"\nkind = "colour"\nlabel = {fr = "X"}\n'
    write(root, "templates/blocks/divider.toml", broken)
    problem = only_problem(root)
    assert (problem.code, problem.line) == ("bad-field", 3)


def test_an_empty_folder_is_a_workspace_with_problems(tmp_path: Path) -> None:
    found, problems = workspace.load(tmp_path)
    assert (dict(found.campaigns), dict(found.segments)) == ({}, {})
    assert [problem.code for problem in problems] == ["unreadable"]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ('title = "A"\nmembers_onli = true\n', "segment-key", 2),
        ('title = "A"\njobs = "direction"\n', "bad-value", 2),
        ('[[where]]\nfield = "contact.job"\nis = "x"\n', "missing-key", None),
        ('title = "A"\n\n[[where]]\nfield = "contact.job"\nequals = "x"\n', "segment-operator", 4),
    ],
)
def test_a_mistake_in_a_segment_is_found_in_its_line(
    root: Path, text: str, code: str, line: int | None
) -> None:
    write(root, "audiences/elus.toml", text)
    problem = only_problem(root)
    assert (problem.code, problem.path, problem.line) == (code, Path("audiences/elus.toml"), line)
