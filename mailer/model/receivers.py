"""Receivers: who keeps the recipients' mailboxes, and what the large ones ask of whoever writes to many in a day.

Told apart by the domain of the address alone: a town whose own domain is hosted by Google or Microsoft counts among
the others, and rightly so, since their rules speak of personal mailboxes. Where a receiver's rule changes, this table
changes (rules.md, "Bulk-sender thresholds"). No look-up on the network is ever made for it.
"""

from dataclasses import dataclass

from mailer.i18n import marked

#: The group of every address whose domain no receiver below names.
OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Receiver:
    """One group of mailboxes. `above` a number of messages a day it asks for `needs`; None: no published number."""

    code: str
    name: str
    domains: tuple[str, ...]
    #: Where the rule, or for want of one the receiver's advice, is published.
    source: str
    above: int | None = None
    needs: str = ""


RECEIVERS: tuple[Receiver, ...] = (
    Receiver(
        "google",
        "Google (Gmail)",
        ("gmail.com", "googlemail.com"),
        "support.google.com/a/answer/81126",
        above=5_000,
        needs=marked(
            "SPF and DKIM pass, DMARC exists (p=none or stricter), the sender's domain is aligned, a visible link and "
            "the one-click header for leaving (in every letter), complaints below 0.10 %, never 0.30 %."
        ),
    ),
    Receiver(
        "microsoft",
        "Microsoft (Outlook, Hotmail)",
        (
            "outlook.com", "outlook.fr", "outlook.be", "outlook.es", "outlook.it", "outlook.de",
            "hotmail.com", "hotmail.fr", "hotmail.be", "hotmail.ch", "hotmail.co.uk", "hotmail.de", "hotmail.es",
            "hotmail.it", "live.com", "live.fr", "live.be", "live.ca", "live.co.uk", "live.it", "live.nl",
            "msn.com", "windowslive.com", "passport.com",
        ),
        "sendersupport.olc.protection.outlook.com/pm/policies.aspx",
        above=5_000,
        # Else `550 5.7.515`, since 5 May 2025.
        needs=marked(
            "SPF, DKIM and DMARC pass (p=none or stricter, aligned): otherwise every message is refused. A reply "
            "address that somebody reads is advised."
        ),
    ),
    Receiver(
        "yahoo",
        "Yahoo, AOL",
        (
            "yahoo.com", "yahoo.fr", "yahoo.be", "yahoo.ca", "yahoo.co.uk", "yahoo.de", "yahoo.es", "yahoo.it",
            "ymail.com", "rocketmail.com", "myyahoo.com", "aol.com", "aol.fr", "aim.com",
        ),
        "senders.yahooinc.com/best-practices",
    ),
    Receiver(
        "orange",
        "Orange, Wanadoo",
        ("orange.fr", "wanadoo.fr", "voila.fr"),
        "postmaster.orange.fr",
        above=1_000,
        needs=marked(
            "SPF, DKIM and DMARC all pass, membership of Signal Spam (the only report of complaints), a real website "
            "on the sender's domain, the Feedback-ID header (in every letter), complaints below 0.3 %."
        ),
    ),
    Receiver("laposte", "La Poste", ("laposte.net",), "postmaster.laposte.net"),
    Receiver(
        "free",
        "Free",
        ("free.fr", "freesbee.fr", "online.fr", "libertysurf.fr", "worldonline.fr", "aliceadsl.fr", "tiscali.fr"),
        "postmaster.free.fr",
    ),
    Receiver(
        "sfr",
        "SFR, Neuf, Cegetel",
        (
            "sfr.fr", "neuf.fr", "cegetel.net", "club-internet.fr", "9online.fr", "9business.fr", "numericable.fr",
            "numericable.com", "noos.fr",
        ),
        "",  # no official threshold is published
    ),
    Receiver(OTHERS, marked("Other domains"), (), ""),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReceiverCount:
    """How many recipients of one letter have their mailbox there."""

    receiver: Receiver
    count: int

    @property
    def is_over(self) -> bool:
        """Whether one letter alone passes what the receiver publishes for a day."""
        return self.receiver.above is not None and self.count > self.receiver.above
