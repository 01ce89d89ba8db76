"""Who asks for the members' letter in vain is invited by a letter of its own, to exactly them, and once approved."""

from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from mailer import freezing, workspace
from mailer.app import audiences
from mailer.errors import Problem, RefusedError
from mailer.model.accounts import Role
from mailer.model.columns import table
from mailer.model.ledger import Delivery, Send
from mailer.model.people import Contact
from mailer.store import pauses
from tests.conftest import NOW
from tests.web.conftest import Desk
from tests.web.people import add_people

MORE = """Courriel;Prénom;SIREN;Newsletter;Flash;Source
fatou@passe.example;Fatou;356000000;;oui;Site
gil@seul.example;Gil;;;oui;Site
hugo@passe.example;Hugo;356000000;oui;;Site
ines@passe.example;Inès;356000000;;oui;Site
"""
#: They subscribed to the flash, nothing excludes them, and their organisation is no member. Inès asked for a pause.
ASKING = {"driss@passe.example", "fatou@passe.example", "gil@seul.example"}
ACT = "/audiences/adherents/inviter"


@pytest.fixture
def network(desk: Desk, tmp_path: Path) -> Desk:
    add_people(desk.mailer, tmp_path)
    file = tmp_path / "more.csv"
    file.write_text(MORE, "utf-8")
    desk.mailer.import_file("contacts", file, by="claude@reseau.example")
    with desk.mailer.store.write() as tx:
        paused = tx.execute(
            select(table(Contact)).where(table(Contact).c.address == "ines@passe.example")
        ).one()
        pauses.change_to(tx, paused.id, date(2027, 6, 11), at=NOW, source="preferences")
    return desk


def invite(desk: Desk) -> str:
    """One click; the draft that it opens."""
    answer = desk.post(desk.browser(Role.WRITER), ACT)
    assert answer.status_code == 303
    path = urlsplit(answer.headers["Location"]).path
    assert desk.browser(Role.WRITER).get(desk.url + path).status_code == 200
    return path.removeprefix("/lettres/").removesuffix("/ecrire")


def problems(desk: Desk) -> list[Problem]:
    return workspace.load(desk.mailer.settings.workspace)[1]


def receivers(desk: Desk, ref: str) -> set[str]:
    rows, send = table(Delivery), table(Send)
    with desk.mailer.store.read() as tx:
        found = select(rows.c.address).join(send, send.c.id == rows.c.send_id)
        return set(tx.execute(found.where(send.c.issue == ref.partition("/")[2])).scalars())


def test_the_letter_goes_to_exactly_those_who_ask_in_vain_once_approved(network: Desk) -> None:
    shown = audiences.view(network.mailer, "adherents", language="fr")
    assert {each.address for each in shown.asking} == ASKING
    ref = invite(network)
    with pytest.raises(RefusedError, match="approve"):
        network.mailer.departures.schedule(ref, by="claude", now=True)
    network.mailer.departures.approve(ref, by="anne@reseau.example", at="2026-06-11 09:00")
    network.mailer.send_now(ref, by="claude")
    assert receivers(network, ref) == ASKING


def test_neither_the_letter_nor_its_audience_is_for_members(network: Desk) -> None:
    ref = invite(network)
    found, campaign, issue = network.mailer.find(ref)
    assert not problems(network)
    assert not campaign.members_only
    assert not found.segments[campaign.segment].members_only
    assert campaign.approval
    assert not [block for block in issue.blocks if block.attributes.get("members_only")]
    assert "Vous avez demandé à recevoir « Flash hebdo »" in issue.blocks[0].body.replace("\xa0", " ")


def test_nothing_in_the_draft_is_to_be_mended_before_it_is_read(network: Desk) -> None:
    assert network.mailer.preview(invite(network)).problems == ()


def test_the_topic_keeps_its_name_and_its_guard(network: Desk) -> None:
    before = network.mailer.topics.all()
    invite(network)
    assert network.mailer.topics.all() == before
    assert network.mailer.workspace()[0].topics()["flash"] == "Flash hebdo"


def test_a_second_click_opens_the_same_draft(network: Desk) -> None:
    assert invite(network) == invite(network)
    assert len(list(network.mailer.settings.workspace.glob("campaigns/invitation-flash/*.md"))) == 1


def test_a_scheduled_invitation_is_shown_and_no_other_is_begun(network: Desk) -> None:
    ref = invite(network)
    network.mailer.departures.approve(ref, by="anne@reseau.example", at="2026-06-11 09:00")
    network.mailer.departures.schedule(ref, by="claude", at="2026-06-11 09:00")
    assert network.post(network.browser(Role.WRITER), ACT).headers["Location"] == f"/lettres/{ref}"
    network.mailer.running.cancel(ref, by="claude")
    assert network.post(network.browser(Role.WRITER), ACT).headers["Location"] == f"/lettres/{ref}/ecrire"
    assert len(list(network.mailer.settings.workspace.glob("campaigns/invitation-flash/*.md"))) == 1


def test_a_rule_that_was_narrowed_by_hand_holds_for_the_draft_that_is_there(network: Desk) -> None:
    ref = invite(network)
    rule = network.mailer.settings.workspace / "audiences/adherents-a-inviter.toml"
    narrowed = rule.read_text("utf-8") + '\n[[where]]\nfield = "contact.first_name"\nis = "Gil"\n'
    rule.write_text(narrowed, "utf-8")
    assert invite(network) == ref
    assert rule.read_text("utf-8") == narrowed
    assert network.mailer.departures.foresee(ref).count == 1


def test_the_next_invitation_keeps_the_words_and_follows_the_rule_of_the_day(network: Desk) -> None:
    root = network.mailer.settings.workspace
    first = root / f"campaigns/{invite(network)}.md"
    first.write_text(first.read_text("utf-8").replace("Bien cordialement", "À bientôt"), "utf-8")
    network.mailer.departures.schedule("flash/2026-06-11", by="claude", now=True)
    ref = f"invitation-flash/{first.stem}"
    network.mailer.departures.approve(ref, by="anne@reseau.example", at="2026-06-11 09:00")
    network.mailer.send_now(ref, by="claude")
    rule = root / "audiences/adherents.toml"
    rule.write_text(
        rule.read_text("utf-8") + '\n[[where]]\nfield = "contact.first_name"\nis = "Gil"\n', "utf-8"
    )
    following = invite(network)
    assert following != ref
    assert "À bientôt" in network.mailer.composer.text(following)
    assert network.mailer.departures.foresee(following).count == 1


def test_where_nobody_asks_in_vain_nothing_is_written(desk: Desk) -> None:
    answer = desk.post(desk.browser(Role.WRITER), ACT)
    assert answer.status_code == 422
    assert "personne à inviter" in answer.text
    assert not (desk.mailer.settings.workspace / "campaigns/invitation-flash").exists()


def test_an_audience_for_everybody_invites_nobody(network: Desk) -> None:
    assert network.browser(Role.WRITER).get(f"{network.url}/audiences/abonnes").text.count("/inviter") == 0
    assert network.post(network.browser(Role.WRITER), "/audiences/abonnes/inviter").status_code == 422


@pytest.mark.parametrize(
    ("line", "instead", "code"),
    [
        ("approval = true", "members_only = true", "invitation-of-members"),
        ('topic = "flash"', 'topic = "newsletter"', "invitation-topic"),
        ('invites = "flash"', 'invites = "flach"', "unknown-campaign"),
    ],
)
def test_a_campaign_that_cannot_invite_is_a_mistake_of_its_file(
    network: Desk, line: str, instead: str, code: str
) -> None:
    invite(network)
    file = network.mailer.settings.workspace / "campaigns/invitation-flash/campaign.toml"
    file.write_text(file.read_text("utf-8").replace(line, instead), "utf-8")
    assert [each.code for each in problems(network)] == [code]


def test_an_audience_of_members_within_that_of_an_invitation_is_a_mistake(network: Desk) -> None:
    invite(network)
    file = network.mailer.settings.workspace / "audiences/adherents-a-inviter.toml"
    rule = '\n[[where]]\nfield = "in_segment"\nis = "adherents"\n'
    file.write_text(file.read_text("utf-8") + rule, "utf-8")
    assert [each.code for each in problems(network)] == ["invitation-of-members"]


def test_a_frozen_invitation_says_that_it_has_no_guard(network: Desk) -> None:
    ref = invite(network)
    snapshot = network.mailer.departures.approve(ref, by="anne@reseau.example", at="2026-06-12 09:00")
    assert not snapshot.members_only
    with network.mailer.store.read() as tx:
        assert freezing.is_approved(tx, snapshot, local_at="2026-06-12 09:00")
