"""The register of processing (GDPR 30) and the privacy notice (GDPR 13, 14), from the settings and the campaigns' files.

Both are drawn anew each time: a mode of measure that changes in a campaign's file changes here.
"""

from dataclasses import dataclass

from mailer.app.mailer import Mailer
from mailer.i18n import Translator, marked
from mailer.model.workspace import Campaign, Tracking
from mailer.tracking import ROWS_MONTHS, TOKENS_DAYS

_BASES = {
    "consent": marked("consent (GDPR 6.1.a): people subscribed themselves, and withdraw at any moment"),
    "legitimate-interest": marked(
        "legitimate interest (GDPR 6.1.f): informing people about their function; they object at any moment"
    ),
    "contract": marked("contract (GDPR 6.1.b): the membership includes these letters"),
}
_MODES = {
    Tracking.NONE: marked("no measure: no image and no link that recognises anybody"),
    Tracking.CONSENTED: marked(
        "openings and clicks are measured only for people who accepted; refusing changes nothing else"
    ),
    Tracking.ANONYMOUS: marked(
        "openings are counted without identity, for everybody who has not refused: no address of a machine, no person"
    ),
}
_LAST_OPEN = marked(
    "The day of your last opening is kept, for 13 months at the most, only to write less to people who no longer read."
)
_MISSING = marked("(to be filled in: {setting} in mailer.toml)")


@dataclass(frozen=True, slots=True)
class Entry:
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its entries; an entry without a label is a paragraph."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Document:
    title: str
    language: str
    sections: tuple[Section, ...]

    def text(self) -> str:
        """As Markdown."""
        lines = [f"# {self.title}"]
        for section in self.sections:
            lines += ["", f"## {section.title}", ""]
            lines += [
                f"- **{each.label}** : {each.text}" if each.label else each.text for each in section.entries
            ]
        return "\n".join(lines) + "\n"


def register(mailer: Mailer, language: str) -> Document:
    """One processing per campaign, with the installation around them."""
    t, found = mailer.translator(language), mailer.workspace()[0]
    sections = [_controller(mailer, t)]
    sections += [_processing(mailer, each, t) for each in found.campaigns.values()]
    sections += [_kept(mailer, t), _security(t)]
    return Document(t("Register of processing"), language, tuple(sections))


def notice(mailer: Mailer, language: str) -> Document:
    """What people are told; also for whoever did not give their address themselves."""
    t, found = mailer.translator(language), mailer.workspace()[0]
    letters = [Entry(each.title, _letter(mailer, each, t)) for each in found.campaigns.values()]
    sections = (
        _controller(mailer, t),
        Section(t("What we send, and why we may"), tuple(letters)),
        Section(t("What we know of you"), _data(t)),
        Section(t("Who else sees it"), (Entry("", _recipients(mailer, t)),)),
        _kept(mailer, t),
        Section(t("Your rights"), _rights(mailer, t)),
    )
    return Document(t("How we treat your data"), language, sections)


def _controller(mailer: Mailer, t: Translator) -> Section:
    network, chosen = mailer.settings.network, mailer.settings.privacy
    answerable = ", ".join(each for each in (network.name, chosen.controller) if each)
    return Section(
        t("Who is answerable"),
        (
            Entry(t("Controller"), answerable),
            Entry(t("Postal address"), network.postal_address or _missing(t, "network.postal_address")),
            Entry(t("Contact"), network.contact or _missing(t, "network.contact")),
            Entry(t("Data-protection officer"), chosen.dpo or _missing(t, "privacy.dpo")),
        ),
    )


def _processing(mailer: Mailer, campaign: Campaign, t: Translator) -> Section:
    entries = [
        Entry(t("Purpose"), campaign.description or t("Sending the letter “{title}”", title=campaign.title)),
        Entry(t("Legal basis"), _basis(mailer, campaign, t)),
        Entry(t("People concerned"), _people(mailer, campaign, t)),
        Entry(t("Data"), " ".join(each.text for each in _data(t))),
        Entry(t("Recipients"), _recipients(mailer, t)),
        Entry(t("Measure of readings"), t(_MODES[campaign.tracking])),
    ]
    if campaign.tracking_decision:
        entries.append(Entry(t("Decision about the measure"), campaign.tracking_decision))
    if campaign.last_open_decision:
        entries.append(Entry(t("Day of the last opening"), f"{t(_LAST_OPEN)} {campaign.last_open_decision}"))
    return Section(campaign.title, tuple(entries))


def _letter(mailer: Mailer, campaign: Campaign, t: Translator) -> str:
    said = (_basis(mailer, campaign, t), t(_MODES[campaign.tracking]))
    measure = t("We may by {basis}. Measure: {measure}.", basis=said[0], measure=said[1])
    return f"{measure} {t(_LAST_OPEN)}" if campaign.last_open_decision else measure


def _basis(mailer: Mailer, campaign: Campaign, t: Translator) -> str:
    usual = "legitimate-interest" if _is_for_members(mailer, campaign) else "consent"
    return t(_BASES[mailer.settings.privacy.basis.get(campaign.topic, usual)])


def _people(mailer: Mailer, campaign: Campaign, t: Translator) -> str:
    if _is_for_members(mailer, campaign):
        return t("people of member organisations who are subscribed")
    return t("people who are subscribed")


def _is_for_members(mailer: Mailer, campaign: Campaign) -> bool:
    topic = mailer.topics.all().get(campaign.topic)
    return topic is not None and topic.members_only


def _data(t: Translator) -> tuple[Entry, ...]:
    return (
        Entry("", t("Address, first and last name, function, organisation, language.")),
        Entry(
            "",
            t("Where the address comes from and since when; each subscription and answer, with its proof."),
        ),
        Entry("", t("Which letters left for the address, and what mail servers answered.")),
        Entry(
            "", t("No address of your machine, no program that you read with, no hour of reading is kept.")
        ),
    )


def _recipients(mailer: Mailer, t: Translator) -> str:
    chosen, provider = mailer.settings.privacy, mailer.settings.provider.name
    return t(
        "The network's own staff; {provider}, which hands the mail over as a processor (GDPR 28), with its data in "
        "{country}; the host of this service: {hosting}. Nobody else, and nothing is sold.",
        provider=provider,
        country=chosen.provider_country or _missing(t, "privacy.provider_country"),
        hosting=chosen.hosting or _missing(t, "privacy.hosting"),
    )


def _kept(mailer: Mailer, t: Translator) -> Section:
    kept = mailer.settings.retention
    signup = mailer.settings.signup
    return Section(
        t("How long it is kept"),
        (
            Entry(
                t("People"),
                t(
                    "until they are erased at their wish; after {count} years without any sign of them their removal is "
                    "proposed and somebody decides",
                    count=kept.inactive_years,
                ),
            ),
            Entry(
                t("Oppositions"),
                t("for good, so that nobody writes again; as a fingerprint once the person is erased"),
            ),
            Entry(t("Openings and clicks"), t("{count} months, then counts only", count=ROWS_MONTHS)),
            Entry(t("Marks of the anonymous measure"), t("{count} days", count=TOKENS_DAYS)),
            Entry(t("Sign-ups that nobody confirmed"), t("{count} hours", count=signup.valid_hours)),
            Entry(
                t("Names in old copies"),
                t("{count} months, then removal is proposed", count=kept.details_months),
            ),
        ),
    )


def _rights(mailer: Mailer, t: Translator) -> tuple[Entry, ...]:
    contact = mailer.settings.network.contact or _missing(t, "network.contact")
    return (
        Entry("", t("Every letter has a link to unsubscribe at once and one to change your choices.")),
        Entry("", t("Refusing or withdrawing the measure also holds for letters that you already have.")),
        Entry(
            "",
            t(
                "For a copy of everything we know of you, a correction, a restriction or your erasure, write to {contact}. "
                "You may complain to the supervisory authority, in France the CNIL (cnil.fr).",
                contact=contact,
            ),
        ),
    )


def _security(t: Translator) -> Section:
    return Section(
        t("Security measures"),
        (
            Entry("", t("Accounts with roles; passwords as argon2id; a log of who did what.")),
            Entry("", t("Personal links are signed and hold neither an address nor a number.")),
            Entry("", t("Letters for members are guarded at every hand-over.")),
            Entry("", t("A file of people leaves only with a reason that is written down.")),
        ),
    )


def _missing(t: Translator, setting: str) -> str:
    return t(_MISSING, setting=setting)
