"""A campaign that invites those who ask for a members' letter without being members, and its audience.

It borrows the topic of the letter that they asked for: they subscribed to that one, and who leaves it is not invited
again. `invites` in its file says so, so that the topic keeps the name and the guard of the letter itself.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from mailer.errors import InputError, Problem
from mailer.model.segment import Condition, Group, Junction, Operator, Segment
from mailer.model.segment_guards import is_for_members
from mailer.model.workspace import Campaign
from mailer.workspace import places
from mailer.workspace.saving import create_file
from mailer.workspace.toml_files import TomlFile

_STRANGER = Condition("membership.is_member", Operator.IS, value=False)


def invited_segment(segment: Segment, *, title: str, description: str) -> Segment:
    """The audience of those who fit the rule of this one and are no members; never one of members."""
    slug = f"{segment.slug}-a-inviter"
    return Segment(
        slug=slug,
        title=title,
        description=description,
        path=segment.path.with_name(f"{slug}.toml"),
        where=Group(Junction.ALL, (_STRANGER, *segment.where.members)),
        excepted=segment.excepted,
    )


def renewed(present: Segment, wanted: Segment) -> Segment:
    """The rule that is wanted now, under the title that its file has."""
    return replace(wanted, title=present.title, description=present.description)


def invitation_campaign(campaign: Campaign, *, title: str, description: str, layout: str) -> Campaign:
    """A campaign of single letters, from the same sender; nothing of it leaves before somebody has approved it."""
    slug = f"invitation-{campaign.slug}"
    return Campaign(
        slug=slug,
        title=title,
        description=description,
        path=campaign.path.parent.with_name(slug) / campaign.path.name,
        topic=campaign.topic,
        segment=f"{campaign.segment}-a-inviter",
        layout=layout,
        sender_name=campaign.sender_name,
        sender_address=campaign.sender_address,
        reply_to=campaign.reply_to,
        zone=campaign.zone,
        language=campaign.language,
        approval=True,
        invites=campaign.slug,
    )


def create_campaign(root: Path, campaign: Campaign) -> Path:
    """The folder and file of a new campaign; raises InputError where there is one of this name."""
    path = root / campaign.path
    if not places.is_slug(campaign.slug) or not places.is_below(path, root):
        raise InputError(
            "“{name}” cannot be the name of a file here. Use small letters, digits and hyphens.",
            name=campaign.slug,
        )
    path.parent.mkdir(exist_ok=True)
    try:
        create_file(path, "".join(f"{line}\n" for line in _lines(campaign)))
    except FileExistsError as error:
        raise InputError(
            "There is a campaign of this name already: {slug}. Rename its folder.", slug=campaign.slug
        ) from error
    return path


def check_invitations(
    root: Path, campaigns: Mapping[str, Campaign], segments: Mapping[str, Segment]
) -> list[Problem]:
    """An invitation names a campaign that is there, has its topic, and is not for members only."""
    problems: list[Problem] = []
    for campaign in campaigns.values():
        if campaign.invites:
            _check(TomlFile(root, campaign.path, problems), campaign, campaigns, segments)
    return problems


def _check(
    file: TomlFile, campaign: Campaign, campaigns: Mapping[str, Campaign], segments: Mapping[str, Segment]
) -> None:
    others = {slug: each for slug, each in campaigns.items() if not each.invites}
    invited = others.get(campaign.invites)
    if invited is None:
        file.add(
            "unknown-campaign",
            message="There is no campaign {value} that people could ask for.",
            remedy="Perhaps you meant: {nearest}.",
            key="invites",
            value=campaign.invites,
            nearest=places.nearest(campaign.invites, others),
        )
    elif invited.topic != campaign.topic:
        file.add(
            "invitation-topic",
            message="An invitation goes to those who asked for {topic}, not to those of {value}.",
            remedy='Write topic = "{topic}".',
            key="topic",
            value=campaign.topic,
            topic=invited.topic,
        )
    segment = segments.get(campaign.segment)
    if campaign.members_only or (segment is not None and is_for_members(segment, segments)):
        file.add(
            "invitation-of-members",
            message="An invitation goes to people who are no members: with the guard for members nobody gets it.",
            remedy="Delete the line members_only, here and in its audience, and take no audience of members into that one.",
            key="members_only" if campaign.members_only else "segment",
        )


def _lines(campaign: Campaign) -> Iterator[str]:
    """The file of the campaign: what has a value of its own."""
    names = ("title", "description", "invites", "topic", "segment", "layout", "reply_to", "language", "zone")
    for name in names:
        if value := getattr(campaign, name):
            yield f"{name} = {_text(value)}"
    yield 'rhythm = "adhoc"'
    yield 'tracking = "none"'
    yield "approval = true"
    yield ""
    yield "[sender]"
    yield f"name = {_text(campaign.sender_name)}"
    yield f"address = {_text(campaign.sender_address)}"


def _text(value: str) -> str:
    """A TOML text on one line."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
