"""A proof (*épreuve*): one copy for approval, marked as such, outside the ledger."""

from datetime import datetime
from uuid import uuid4

from mailer.addresses import domain
from mailer.app.preview import Preview, preview_links
from mailer.errors import ProviderHalt
from mailer.model.mail import Envelope, Mailbox, Message, Status
from mailer.model.workspace import Campaign
from mailer.providers import Provider
from mailer.rendering import Copies
from mailer.settings import Settings
from mailer.tokens import random_bytes

MARK = {"fr": "[Épreuve] ", "en": "[Proof] "}


def send_proof(
    provider: Provider, preview: Preview, campaign: Campaign, settings: Settings, *, at: datetime
) -> None:
    """Hand the proof over; raises ProviderHalt when the provider does not take it."""
    message = proof_message(preview, campaign, settings, at=at, key=random_bytes(16).hex()[:26])
    result = provider.send([message], attempt_key=uuid4())[0]
    if result.status is not Status.ACCEPTED:
        raise ProviderHalt(
            "proof",
            "The proof was not accepted ({status} {code}). Nothing else was sent.",
            status=result.status.value,
            code=result.code,
        )


def proof_message(
    preview: Preview, campaign: Campaign, settings: Settings, *, at: datetime, key: str
) -> Message:
    """The preview as a whole message; its personal links lead to pages that say it is a proof."""
    compiled = preview.compiled
    links = preview_links(settings.base_url)
    copies = Copies(
        subject=MARK.get(campaign.language, MARK["en"]) + compiled.subject,
        html=compiled.html,
        text=compiled.text,
        links=compiled.links,
        language=compiled.language,
    )
    sender_domain = domain(campaign.sender_address)
    envelope = Envelope(
        key=key,
        domain=settings.provider.domain or sender_domain,
        sender=Mailbox(campaign.sender_name, campaign.sender_address),
        to=Mailbox("", preview.person.address),
        reply_to=campaign.reply_to,
        date=at,
        list_name=campaign.title,
        list_id=f"{campaign.slug}.{sender_domain}",
        feedback_id=f"proof:{campaign.slug}:relais",
        unsubscribe_url=links.unsubscribe,
        unsubscribe_mailto=campaign.reply_to or campaign.sender_address,
    )
    # Each proof has a name of its own: Mailjet lets one name reach an address once.
    return copies.message(preview.person, links, envelope, tag=f"{campaign.slug}-proof-{key[:8]}")
