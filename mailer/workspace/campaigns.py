"""campaigns/<slug>: campaign.toml and the issues beside it."""

import re
from dataclasses import replace
from pathlib import Path

from mailer import addresses
from mailer.clock import is_zone
from mailer.errors import Problem, Severity
from mailer.model.workspace import USUAL_ZONE, Campaign, Issue, Tracking
from mailer.workspace import places
from mailer.workspace.event_values import presented
from mailer.workspace.events import load_events
from mailer.workspace.reader import read_issue
from mailer.workspace.rhythms import check_frame, read_rhythm
from mailer.workspace.toml_files import TomlFile, read_text

FILE_NAME = "campaign.toml"
RHYTHMS = ("monthly", "weekly", "adhoc")
LANGUAGES = ("fr", "en")
#: Copies, minutes, seconds: beyond, no column and no clock knows them.
_MOST = 1_000_000
_SENDER_KEYS = {"name", "address"}
#: Addresses whose very name says that no answer is read (rules M20).
_NO_REPLY = re.compile(r"(?:no|do-?not|ne-?pas)[-_.]?(?:reply|re?pondre)", re.IGNORECASE)
#: What groups the people of an anonymous measure: never a field of the person.
COHORTS = ("organisation.kind", "organisation.region", "organisation.departement")
KEYS = {
    "title", "topic", "segment", "layout", "sender", "reply_to", "rhythm", "zone", "language", "tracking",
    "tracking_decision", "last_open_decision", "cohort", "members_only", "staged", "max_lateness_minutes", "undo_seconds",
    "one_per_day", "description", "approval", "proof_to", "archive", "archive_noindex", "invites",
}  # fmt: skip


def load_campaigns(root: Path, problems: list[Problem]) -> dict[str, Campaign]:
    """Slug -> campaign, in the order of the slugs, with every issue that can be read."""
    campaigns = {}
    for folder in sorted(path for path in (root / "campaigns").glob("*") if path.is_dir()):
        path = folder.relative_to(root)
        if folder.name.startswith("."):
            continue
        if not places.is_slug(folder.name):
            problems.append(places.bad_slug(path))
        elif not places.is_below(folder, root):
            problems.append(places.outside(path))
        elif campaign := _load_campaign(root, path, problems):
            campaigns[campaign.slug] = campaign
    return campaigns


def _load_campaign(root: Path, folder: Path, problems: list[Problem]) -> Campaign | None:
    file = TomlFile(root, folder / FILE_NAME, problems)
    if not file.is_read:
        return None
    campaign = _read_campaign(file, folder, issues=_load_issues(root, folder, problems))
    _check_values(file, campaign)
    check_frame(root, file, campaign)
    events = load_events(root, folder, problems, zone=campaign.zone)
    campaign = replace(campaign, events=events)
    issues = {slug: presented(issue, campaign) for slug, issue in campaign.issues.items()}
    return replace(campaign, issues=issues)


def _read_campaign(file: TomlFile, folder: Path, *, issues: dict[str, Issue]) -> Campaign:
    file.refuse_unknown(KEYS)
    file.refuse_unknown(_SENDER_KEYS, table="sender")
    tracking = file.take("tracking", str, Tracking.NONE)
    language = file.take("language", str, LANGUAGES[0])
    rhythm, plan = read_rhythm(file)
    frame = plan.frame if plan else ""
    return Campaign(
        slug=folder.name,
        path=folder / FILE_NAME,
        issues={slug: issue for slug, issue in issues.items() if slug != frame},
        frame=issues.get(frame),
        title=file.take("title", str, folder.name, is_required=True),
        topic=file.take("topic", str, folder.name, is_required=True),
        segment=file.take("segment", str, "", is_required=True),
        layout=file.take("layout", str, "", is_required=True),
        sender_name=file.take("sender.name", str, "", is_required=True),
        sender_address=file.take("sender.address", str, "", is_required=True),
        reply_to=file.take("reply_to", str, ""),
        rhythm=rhythm,
        plan=plan,
        zone=_zone(file),
        language=language if language in LANGUAGES else LANGUAGES[0],
        tracking=Tracking(tracking) if tracking in set(Tracking) else Tracking.NONE,
        tracking_decision=file.take("tracking_decision", str, ""),
        last_open_decision=file.take("last_open_decision", str, ""),
        cohort=file.take("cohort", str, ""),
        # The safe side: a guard that is written badly still guards.
        members_only=file.take("members_only", bool, False)
        or not isinstance(file.values.get("members_only", False), bool),
        staged=_amount(file, "staged", 0),
        max_lateness_minutes=_amount(file, "max_lateness_minutes", 120),
        undo_seconds=_amount(file, "undo_seconds", 300),
        one_per_day=file.take("one_per_day", bool, True),
        approval=file.take("approval", bool, False),
        proof_to=tuple(each for each in file.take("proof_to", list, []) if isinstance(each, str)),
        description=file.take("description", str, ""),
        archive=file.take("archive", bool, False),
        archive_noindex=file.take("archive_noindex", bool, False),
        invites=file.take("invites", str, ""),
    )


def _amount(file: TomlFile, key: str, default: int) -> int:
    amount = file.take(key, int, default)
    return amount if _is_amount(amount) else default


def _zone(file: TomlFile) -> str:
    """The campaign's time zone; the usual one where what is written is none, so that its pages can still be shown."""
    zone = file.take("zone", str, USUAL_ZONE)
    return zone if zone == USUAL_ZONE or is_zone(zone) else USUAL_ZONE


def _check_values(file: TomlFile, campaign: Campaign) -> None:
    for key, known in (("rhythm", RHYTHMS), ("language", LANGUAGES), ("tracking", tuple(Tracking))):
        file.check(key, str, known.__contains__, remedy="Choose one of: {known}.", known=known)
    for key in ("sender.address", "reply_to"):
        file.check(key, str, _is_address, remedy="Write one address such as lettre@reseau.example.")
    file.check(
        "proof_to", list, _are_addresses, remedy='Write addresses such as ["relecture@reseau.example"].'
    )
    for key in ("staged", "max_lateness_minutes", "undo_seconds"):
        file.check(key, int, _is_amount, remedy="Write a number from 0 to 1000000.")
    file.check("zone", str, is_zone, remedy="Write a time zone such as Europe/Paris.", may_be_empty=False)
    file.check(
        "cohort", str, _is_cohort, remedy="Choose a field of the organisation, such as organisation.kind."
    )
    file.check("topic", str, places.is_slug, remedy="Use small letters, digits and hyphens.")
    if not campaign.reply_to and _NO_REPLY.match(campaign.sender_address):
        file.add(
            "no-reply",
            message="Nobody reads {value}: people could not answer.",
            remedy="Add reply_to with an address that somebody reads.",
            key="sender.address",
            severity=Severity.WARNING,
            value=campaign.sender_address,
        )
    file.check("sender.name", str, str.isprintable, remedy="Delete the line break or hidden character.")
    if campaign.tracking is Tracking.ANONYMOUS and not campaign.tracking_decision.strip():
        file.add(
            "tracking-undecided",
            message="The anonymous measure of opens needs a written decision.",
            remedy="Add tracking_decision: who decided, when, on whose advice. It is shown to everybody who asks.",
            key="tracking",
        )
    _check_last_open(file, campaign)


def _check_last_open(file: TomlFile, campaign: Campaign) -> None:
    """It is kept of people who accepted the measure, and of nobody else (rules P9)."""
    if campaign.last_open_decision.strip() and campaign.tracking is not Tracking.CONSENTED:
        file.add(
            "last-open-mode",
            message="The day of the last opening can only be kept of people who accepted the measure.",
            remedy='Write tracking = "consented", or delete the line last_open_decision.',
            key="last_open_decision",
        )


def _is_amount(value: int) -> bool:
    return 0 <= value <= _MOST


def _is_cohort(value: str) -> bool:
    """People are counted by what their organisation is, never by what they are."""
    return value.startswith("organisation.") and value.removeprefix("organisation.").isidentifier()


def _is_address(value: str) -> bool:
    try:
        return addresses.normalise(value) == value.lower()
    except addresses.AddressError:
        return False


def _are_addresses(values: list[object]) -> bool:
    return all(isinstance(each, str) and _is_address(each) for each in values)


def _load_issues(root: Path, folder: Path, problems: list[Problem]) -> dict[str, Issue]:
    issues: dict[str, Issue] = {}
    for file in sorted((root / folder).glob("*.md")):
        path = file.relative_to(root)
        if file.name.startswith("."):
            continue
        if not places.is_slug(file.stem):
            problems.append(places.bad_slug(path))
            continue
        text = read_text(root, path, problems)
        if text is not None:
            issue, wrong = read_issue(text, campaign=folder.name, slug=file.stem, path=path)
            issues[issue.slug] = issue
            problems += wrong
    return issues
