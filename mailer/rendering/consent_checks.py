"""A letter that asks for the consent to be measured says so, and can be answered both ways in both its forms."""

from collections.abc import Iterator

from mailer.rendering.findings import Check, Finding, Mail, blocking
from mailer.rendering.slots import SlotKind, cut

_ANSWERS = {(SlotKind.CONSENT_YES, ""), (SlotKind.CONSENT_NO, "")}


def check_question(*, asks: bool) -> Check:
    """The check for a letter whose front matter says that it asks, or does not."""

    def check(mail: Mail) -> Iterator[Finding]:
        shown = [_ANSWERS & set(cut(part)) for part in (mail.compiled.html, mail.compiled.text)]
        if not asks and any(shown):
            yield blocking(
                "consent-undeclared",
                message="The letter asks for the consent to be measured, and its front matter does not say so.",
                remedy="Write asks_consent: true above, or delete the block that asks.",
                front="asks_consent",
            )
        elif asks and not all(found == _ANSWERS for found in shown):
            yield blocking(
                "consent-unasked",
                message="The letter is to ask for the consent to be measured, but it does not show both answers, yes and"
                " no.",
                remedy="Insert a block “consent”, or delete the line asks_consent.",
                front="asks_consent",
            )

    return check
