"""A letter stands on its campaign's file and its audience's: what is written wrongly there lets nothing leave."""

from pathlib import Path

import pytest

from mailer import workspace
from mailer.app import Mailer
from mailer.app.editions import READER
from mailer.errors import WorkspaceError

REF = "flash/2026-06-11"
CAMPAIGN, AUDIENCE = "campaigns/flash/campaign.toml", "audiences/adherents.toml"
#: A file, its new first line, and the line that this one replaces.
MISTAKES = [
    (CAMPAIGN, 'approval = "yes"', ""),
    (CAMPAIGN, "aproval = true", ""),
    (CAMPAIGN, 'tracking = "anonymous"', "tracking ="),
    (CAMPAIGN, 'zone = "Europe/Pari"', ""),
    (CAMPAIGN, 'segment = "adherent"', "segment ="),
    (CAMPAIGN, 'language = "../x"', ""),
    (AUDIENCE, "member_only = true", "members_only ="),
    (AUDIENCE, "were = []", ""),
]


def write(root: Path, name: str, line: str, instead_of: str = "") -> None:
    """The file with this line before the others, and without the one that begins with `instead_of`."""
    lines = (root / name).read_text("utf-8").splitlines()
    kept = [each for each in lines if not instead_of or not each.startswith(instead_of)]
    (root / name).write_text("\n".join([line, *kept, ""]), "utf-8")


@pytest.mark.parametrize(("name", "line", "instead_of"), MISTAKES)
def test_nothing_leaves_or_is_approved_over_a_mistake(
    mailer: Mailer, root: Path, name: str, line: str, instead_of: str
) -> None:
    write(root, name, line, instead_of)
    for act in (mailer.departures.schedule, mailer.departures.approve):
        with pytest.raises(WorkspaceError) as refused:
            act(REF, by="claude@reseau.example", at="2026-06-11 10:00")
        assert [each.path for each in refused.value.problems] == [Path(name)]


def test_nor_over_one_in_an_audience_that_the_audience_names(mailer: Mailer, root: Path) -> None:
    rule = 'title = "Les deux"\n[[where]]\nfield = "in_segment"\nis = "adherents"\n'
    (root / "audiences/deux.toml").write_text(rule, "utf-8")
    write(root, CAMPAIGN, 'segment = "deux"', "segment =")
    write(root, AUDIENCE, "were = []")
    with pytest.raises(WorkspaceError):
        mailer.departures.schedule(REF, by="claude@reseau.example", at="2026-06-11 10:00")


def test_the_letter_says_so_while_it_is_written_and_on_its_page(mailer: Mailer, root: Path) -> None:
    write(root, CAMPAIGN, "aproval = true")
    draft = mailer.composer.open(REF)
    for problems in (mailer.composer.preview.look(draft, READER).problems, mailer.preview(REF).problems):
        assert (Path(CAMPAIGN), "unknown-key") in [(each.path, each.code) for each in problems]


def test_a_mistake_elsewhere_holds_nothing_back(mailer: Mailer, root: Path) -> None:
    write(root, "audiences/abonnes.toml", "were = []")
    write(root, "campaigns/newsletter/campaign.toml", "aproval = true")
    mailer.departures.schedule(REF, by="claude@reseau.example", at="2026-06-11 10:00")


def test_the_guard_of_a_campaign_that_is_written_badly_still_guards(root: Path) -> None:
    write(root, CAMPAIGN, 'members_only = "oui"', "members_only =")
    assert workspace.load(root)[0].campaigns["flash"].members_only


def test_a_campaign_without_an_audience_is_told_when_a_link_is_asked_for(mailer: Mailer, root: Path) -> None:
    write(root, CAMPAIGN, 'segment = "adherent"', "segment =")
    with pytest.raises(WorkspaceError, match="adherent"):
        mailer.reviews.make_link(REF, by="claude@reseau.example", may_approve=False)
