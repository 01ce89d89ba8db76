"""The repository's own workspace, compiled."""

from datetime import UTC, datetime

import pytest

from mailer import workspace
from mailer.model.mail import Envelope, Links, Mailbox
from mailer.model.workspace import Compiled, Workspace
from mailer.rendering import Copies, compile_issue
from mailer.settings import NetworkSettings
from mailer.tokens import Purpose, Signer
from tests.conftest import REPOSITORY

BASE_URL = "https://lettres.reseau.example"
KEY = "a" * 26
NETWORK = NetworkSettings(
    name="Réseau des territoires solidaires",
    postal_address="12 rue des Communs, 31000 Toulouse",
    contact="contact@reseau.example",
    website="https://reseau.example",
)


@pytest.fixture(scope="session")
def shipped() -> Workspace:
    found, problems = workspace.load(REPOSITORY)
    assert problems == []
    return found


def compile_ref(shipped: Workspace, ref: str) -> Compiled:
    slug, _, issue = ref.partition("/")
    campaign = shipped.campaigns[slug]
    return compile_issue(
        campaign.issues[issue],
        campaign,
        shipped.templates,
        network=NETWORK,
        base_url=BASE_URL,
        root=REPOSITORY,
    )


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
