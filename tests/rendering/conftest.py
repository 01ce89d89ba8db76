"""The repository's own workspace, compiled."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mailer import workspace
from mailer.model.mail import Content, Envelope, Links, Mailbox, Person
from mailer.model.workspace import Block, Campaign, Compiled, Issue, Templates, Workspace
from mailer.rendering import Confinement, Copies, compile_issue, issue_mjml
from mailer.settings import NetworkSettings
from mailer.tokens import Purpose, Signer
from tests.conftest import REPOSITORY

BASE_URL = "https://lettres.reseau.example"
KEY = "a" * 26
CAMILLE = Person("camille@poste.example", "Camille", "Exemple", "Ville de Limoges")
PLAIN_LINKS = Links(
    f"{BASE_URL}/u/sortie",
    f"{BASE_URL}/p/choix",
    f"{BASE_URL}/v/page",
    f"{BASE_URL}/oui/reponse",
    f"{BASE_URL}/non/reponse",
)
NETWORK = NetworkSettings(
    name="Réseau des territoires solidaires",
    postal_address="12 rue des Communs, 31000 Toulouse",
    contact="contact@reseau.example",
    website="https://reseau.example",
)


class Press:
    """Compiles issues of the repository's workspace, and blocks of one's own, in one confined process."""

    def __init__(self, shipped: Workspace, confinement: Confinement) -> None:
        self.shipped = shipped
        self._confinement = confinement

    def issue(self, ref: str) -> Compiled:
        slug, _, issue = ref.partition("/")
        campaign = self.shipped.campaigns[slug]
        return self.compile(campaign.issues[issue], campaign)

    def blocks(self, *blocks: Block, campaign: str = "mailing", **changes: Any) -> Compiled:
        """An issue of that campaign with these blocks; `changes` replace its other fields."""
        return self.compile(
            self.made(*blocks, campaign=campaign, **changes), self.shipped.campaigns[campaign]
        )

    def made(self, *blocks: Block, campaign: str = "mailing", **changes: Any) -> Issue:
        first = next(iter(self.shipped.campaigns[campaign].issues.values()))
        return replace(first, blocks=blocks, **{"subject": "Objet", "preheader": "Suite", **changes})

    def compile(self, issue: Issue, campaign: Campaign, templates: Templates | None = None) -> Compiled:
        return compile_issue(
            issue,
            campaign,
            templates or self.shipped.templates,
            network=NETWORK,
            base_url=BASE_URL,
            root=REPOSITORY,
            confinement=self._confinement,
        )

    def mjml(self, issue: Issue, campaign: Campaign) -> str:
        return issue_mjml(
            issue,
            campaign,
            self.shipped.templates,
            network=NETWORK,
            base_url=BASE_URL,
            root=REPOSITORY,
            confinement=self._confinement,
        )

    def content(self, compiled: Compiled, person: Person | None = None) -> Content:
        """A copy with plain links that are the same in every run."""
        return copies_of(compiled).content(person or CAMILLE, PLAIN_LINKS)


@pytest.fixture(scope="session")
def press() -> Iterator[Press]:
    found, problems = workspace.load(REPOSITORY)
    assert problems == []
    with Confinement() as confinement:
        yield Press(found, confinement)


def copies_of(compiled: Compiled) -> Copies:
    return Copies(
        subject=compiled.subject,
        html=compiled.html,
        text=compiled.text,
        links=compiled.links,
        language=compiled.language,
    )


def links_for(signer: Signer, compiled: Compiled, *, pixel: bool = False, tracked: bool = False) -> Links:
    """Links as long as real ones."""

    def url(purpose: Purpose, payload: str = KEY) -> str:
        return signer.url(BASE_URL, purpose, payload.encode())

    numbers = range(len(compiled.links))
    return Links(
        unsubscribe=url(Purpose.UNSUBSCRIBE),
        preferences=url(Purpose.PREFERENCES),
        view=url(Purpose.VIEW),
        consent_yes=url(Purpose.CONSENT_YES),
        consent_no=url(Purpose.CONSENT_NO),
        pixel=url(Purpose.OPEN) + ".gif" if pixel else None,
        tracked=tuple(url(Purpose.CLICK, f"{KEY}|{number}") for number in numbers) if tracked else None,
    )


def envelope_for(
    links: Links, *, name: str = "Élise Cordier", sender: str = "Réseau des territoires"
) -> Envelope:
    return Envelope(
        key=KEY,
        domain="reseau.example",
        sender=Mailbox(sender, "lettre@reseau.example"),
        to=Mailbox(name, "elise.cordier@poste.example"),
        reply_to="redaction@reseau.example",
        date=datetime(2026, 6, 11, 7, 0, tzinfo=UTC),
        list_name="La Newsletter",
        list_id="newsletter.reseau.example",
        feedback_id="7:newsletter:relais:reseau",
        unsubscribe_url=links.unsubscribe,
        unsubscribe_mailto="redaction@reseau.example",
    )
