"""What a page, a list and a terminal say of complaints: how many of how many, and what to do."""

from mailer.i18n import Translator
from mailer.model.ledger import Send, SendState
from mailer.tracking import Complaints
from mailer.tracking.complaints import COMPLAINTS, PAUSES


def complaint_sentence(t: Translator, found: Complaints, send: Send) -> str:
    """3 complaints of 2,140 accepted copies (0.14%). …"""
    counted = t.plural(
        "{count} complaint of {accepted} accepted copies ({share}).",
        "{count} complaints of {accepted} accepted copies ({share}).",
        found.complained,
        accepted=t.number(found.accepted),
        share=t.percent(found.share, 2),
    )
    return f"{counted} {_what_to_do(t, send)}"


def _what_to_do(t: Translator, send: Send) -> str:
    if send.state != SendState.PAUSED or send.pause_reason != COMPLAINTS:
        return t(
            "Mailbox hosts judge a sender by them; from {limit} on the sending pauses. Look at the subject and the audience"
            " before the next letter.",
            limit=t.percent(PAUSES, 2),
        )
    return t(
        "From {limit} on mailbox hosts shut a sender out. Look at the letter as it arrived, at the audience and at how one"
        " unsubscribes; then resume, or cancel what has not left. Whoever complained gets nothing more.",
        limit=t.percent(PAUSES, 2),
    )
