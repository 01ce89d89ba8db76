"""A proof (*épreuve*): one copy for approval, marked as such, outside the ledger."""

import re
from datetime import datetime
from html import escape
from uuid import uuid4

from mailer.addresses import domain
from mailer.app.preview import Preview, preview_links
from mailer.errors import ProviderHalt
from mailer.i18n import Translator
from mailer.model.mail import Envelope, Mailbox, Message, Status
from mailer.model.workspace import Campaign
from mailer.providers import Outlet
from mailer.rendering import Copies
from mailer.settings import Settings
from mailer.tokens import random_bytes

MARK = {"fr": "[Épreuve] ", "en": "[Proof] "}
_BODY = re.compile(r"<body[^>]*>")
_BANNER = (
    '<div style="margin:0;padding:12px 16px;background:#ffffff;color:#1a1a1a;border-bottom:2px solid #1a1a1a;'
    'font:16px/1.5 Arial,sans-serif">{sentence} <a style="color:#0b4f8a" href="{url}">{words}</a></div>'
)


def send_proof(
    provider: Outlet,
    preview: Preview,
    campaign: Campaign,
    settings: Settings,
    *,
    at: datetime,
    review_url: str = "",
) -> None:
    """Hand the proof over; raises ProviderHalt when the provider does not take it."""
    key = random_bytes(16).hex()[:26]
    message = proof_message(preview, campaign, settings, at=at, key=key, review_url=review_url)
    result = provider.send([message], attempt_key=uuid4())[0]
    if result.status is not Status.ACCEPTED:
        raise ProviderHalt(
            "proof",
            "The proof was not accepted ({status} {code}). Nothing else was sent.",
            status=result.status.value,
            code=result.code,
        )


def proof_message(
    preview: Preview,
    campaign: Campaign,
    settings: Settings,
    *,
    at: datetime,
    key: str,
    review_url: str = "",
) -> Message:
    """The preview as a whole message; its personal links lead to pages that say it is a proof.

    `review_url` stands on top of it, outside of the letter: where its reader comments and answers.
    """
    compiled = preview.compiled
    html, text = _with_link(preview, review_url, campaign.language)
    links = preview_links(settings.base_url)
    copies = Copies(
        subject=MARK.get(campaign.language, MARK["en"]) + compiled.subject,
        html=html,
        text=text,
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


def _with_link(preview: Preview, url: str, language: str) -> tuple[str, str]:
    html, text = preview.compiled.html, preview.compiled.text
    if not url:
        return html, text
    t = Translator(language)
    sentence, words = t("This is a proof."), t("Read it, comment and answer")
    if preview.second_subject:
        other = t("Half of the people get another subject: “{subject}”.", subject=preview.second_subject)
        sentence = f"{sentence} {other}"
    banner = _BANNER.format(sentence=escape(sentence), url=escape(url, quote=True), words=escape(words))
    return _BODY.sub(lambda body: body[0] + banner, html, count=1), f"{sentence} {words}\n{url}\n\n{text}"
