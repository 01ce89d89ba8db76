"""One audience: its count, what it is made of, whom it misses, and who asks for it in vain."""

import re
from pathlib import Path

import pytest

from mailer.app import audiences
from mailer.model.accounts import Role
from tests.web.conftest import Desk
from tests.web.people import add_people

PAGE = "/audiences/adherents"


@pytest.fixture
def network(desk: Desk, tmp_path: Path) -> Desk:
    add_people(desk.mailer, tmp_path)
    return desk


def text_of(desk: Desk, role: Role, path: str = PAGE) -> str:
    answer = desk.browser(role).get(desk.url + path)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_it_is_counted_by_kind_and_region(network: Desk) -> None:
    found = audiences.view(network.mailer, "adherents", language="fr")
    assert found.audience.count == 1
    assert (found.makeup.kinds, found.makeup.regions) == ({"ville": 1}, {"Sud": 1})


def test_members_without_anybody_are_named_with_whom_to_call(network: Desk) -> None:
    found = audiences.view(network.mailer, "adherents", language="fr").coverage
    assert (found.reached, found.members) == (1, 2)
    (missed,) = found.missed
    assert (missed.name, [each.address for each in missed.people]) == (
        "Ville de Cayenne",
        ["cleo@cayenne.example"],
    )
    assert "1 adhérent joint sur 2" in text_of(network, Role.READER)


def test_who_asks_without_being_a_member_is_invited_unless_excluded(network: Desk) -> None:
    found = audiences.view(network.mailer, "adherents", language="fr")
    assert (found.in_vain, [each.address for each in found.asking]) == (1, ["driss@passe.example"])
    text = text_of(network, Role.WRITER)
    assert "driss@passe.example" in text
    assert "elie@passe.example" not in text
    assert "Préparer la lettre qui les invite" in text


def test_an_audience_for_everybody_has_nobody_who_asks_in_vain(network: Desk) -> None:
    found = audiences.view(network.mailer, "abonnes", language="fr")
    assert (found.audience.count, found.in_vain) == (4, 0)


def test_a_reader_sees_numbers_and_no_people(network: Desk) -> None:
    text = text_of(network, Role.READER)
    assert "Par région" in text
    assert "@martigues.example" not in text
    assert "@cayenne.example" not in text
    assert "@passe.example" not in text


def test_people_are_listed_page_by_page_as_text(network: Desk) -> None:
    answer = network.browser(Role.WRITER).get(f"{network.url}/audiences/abonnes/personnes")
    assert "&lt;b&gt;Bo&lt;/b&gt; =1+1" in answer.text
    assert "<b>Bo" not in answer.text
    for number in ("0", "2", "999999999999"):
        page = text_of(network, Role.WRITER, f"/audiences/abonnes/personnes?page={number}")
        assert "1 à 4 sur 4" in page


@pytest.mark.parametrize("path", [PAGE + "x", PAGE + "x/personnes", "/audiences/..%2f..%2fmailer"])
def test_an_unknown_audience_is_not_found(desk: Desk, path: str) -> None:
    assert desk.browser().get(desk.url + path).status_code == 404


def test_too_many_mails_in_a_week_are_said_before_a_letter_is_scheduled(
    network: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = network.mailer.settings.pressure
    monkeypatch.setattr(limits, "per_week", 1)
    monkeypatch.setattr(limits, "people", 0)
    session = network.browser(Role.SENDER)
    page = f"{network.url}/lettres/flash/2026-06-11"
    assert "plus de 1 courriels" not in session.get(page).text
    network.mailer.departures.schedule("newsletter/2026-06", by="claude", at="2026-06-12 09:00")
    text = session.get(page).text.replace("\xa0", " ")
    assert "plus de 1 courriels en sept jours" in text
    assert "Un autre jour : vendredi 19 juin" in text
    people = session.get(f"{network.url}/audiences/adherents").text
    assert "Courriels par personne" in people


@pytest.mark.parametrize(
    ("slug", "reason", "people"),
    [
        ("adherents", "not_member", {"driss@passe.example", "elie@passe.example"}),
        ("adherents", "not_subscribed", {"bo@martigues.example", "cleo@cayenne.example"}),
        ("abonnes", "not_subscribed", {"elie@passe.example"}),
        ("adherents", "nonsense", set()),
    ],
)
def test_whom_a_step_leaves_out_is_shown_by_name(
    network: Desk, slug: str, reason: str, people: set[str]
) -> None:
    text = text_of(network, Role.WRITER, f"/audiences/{slug}/ecartees?motif={reason}")
    assert set(re.findall(r"\S+@\S+\.example", text)) == people


def test_every_step_of_the_count_leads_to_exactly_so_many_people(network: Desk) -> None:
    found = audiences.view(network.mailer, "adherents", language="fr").audience
    page = network.browser(Role.WRITER).get(network.url + PAGE).text
    for reason, count in found.excluded.items():
        assert f"{PAGE}/ecartees?motif={reason}" in page
        shown = audiences.left_out(network.mailer, "adherents", reason, after=0, limit=50)
        assert len(shown.people) == count
    assert "/ecartees" not in network.browser(Role.READER).get(network.url + PAGE).text


def test_those_less_well_placed_in_their_organisation_are_shown_page_by_page(network: Desk) -> None:
    rule = network.mailer.settings.workspace / "audiences/une-par.toml"
    rule.write_text('title = "Une par organisme"\none_per = "organisation"\njobs = ["presse"]\n', "utf-8")
    file = network.mailer.settings.workspace / "more.csv"
    people = "".join(f"p{n}@martigues.example;211300561;oui\n" for n in range(3))
    file.write_text("Courriel;SIREN;Flash\n" + people, "utf-8")
    network.mailer.import_file("contacts", file, by="claude@reseau.example")
    first = audiences.left_out(network.mailer, "une-par", "one_per", after=0, limit=2)
    rest = audiences.left_out(network.mailer, "une-par", "one_per", after=first.more, limit=2)
    shown = [each.address for each in (*first.people, *rest.people)]
    assert (len(shown), len(set(shown)), rest.more) == (3, 3, 0)
    assert "anne@martigues.example" not in shown
