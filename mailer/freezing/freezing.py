"""Freezing: everything that leaves, hashed and stored; media copied under their content's name."""

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from mailer.model.calendar import promises
from mailer.model.ledger import Snapshot
from mailer.model.segment import Segment
from mailer.model.segment_grammar import segment_data
from mailer.model.workspace import USUAL_ZONE, Campaign, Compiled, Issue, Tracking
from mailer.store import Tx, copies, snapshots

#: What makes two snapshots the same: all that leaves, to whom, from whom, and how it is measured.
_HASHED = (
    "title", "subject", "preheader", "html", "text", "links", "media", "topic", "segment", "members_only", "tracking", "cohort",
    "sender_name", "sender_address", "reply_to", "language",
)  # fmt: skip


def freeze(
    tx: Tx,
    *,
    campaign: Campaign,
    issue: Issue,
    segment: Segment,
    compiled: Compiled,
    state: Path,
    at: datetime,
    by: str,
) -> Snapshot:
    """Store the issue as it is; the same content gives the same snapshot. Media go to `state`/media first."""
    keep_media(compiled.media, state / "media")
    return snapshots.create(
        tx, draft(tx, campaign=campaign, issue=issue, segment=segment, compiled=compiled, at=at, by=by)
    )


def draft(
    tx: Tx,
    *,
    campaign: Campaign,
    issue: Issue,
    segment: Segment,
    compiled: Compiled,
    at: datetime,
    by: str,
) -> Snapshot:
    """What freezing would store now, with its hash; nothing is written."""
    # The mail that asks whether it may be measured is not measured (rules P5).
    tracking = Tracking.NONE if issue.asks_consent else campaign.tracking
    new = Snapshot(
        campaign=campaign.slug,
        issue=issue.slug,
        erratum_of=issue.erratum_of,
        asks_consent=issue.asks_consent,
        number=issue.number,
        title=campaign.title,
        subject=compiled.subject,
        second_subject=compiled.second_subject,
        preheader=compiled.preheader,
        html=compiled.html,
        text=compiled.text,
        links=list(compiled.links),
        link_labels=list(compiled.link_labels),
        media=sorted(compiled.media),
        events=promises(campaign.events, issue.events),
        topic=campaign.topic,
        segment=json.dumps(segment_data(segment), sort_keys=True, ensure_ascii=False),
        members_only=is_for_members(tx, campaign, segment, erratum_of=issue.erratum_of),
        tracking=tracking.value,
        last_open=tracking is Tracking.CONSENTED and bool(campaign.last_open_decision.strip()),
        cohort="" if issue.asks_consent else campaign.cohort,
        sender_name=campaign.sender_name,
        sender_address=campaign.sender_address,
        reply_to=campaign.reply_to,
        language=campaign.language,
        content_hash="",
        frozen_at=at,
        frozen_by=by,
    )
    new.content_hash = content_hash(new, zone=campaign.zone)
    return new


def is_for_members(tx: Tx, campaign: Campaign, segment: Segment, *, erratum_of: str = "") -> bool:
    """Any of them says so: the campaign, the segment, or the letter that it corrects, as it left."""
    said = campaign.members_only or segment.members_only
    return said or (bool(erratum_of) and copies.were_for_members(tx, campaign.slug, erratum_of))


def content_hash(snapshot: Snapshot, *, zone: str) -> str:
    """SHA-256 over everything that leaves and the zone of its hour, in hex: nine o'clock elsewhere is another hour."""
    # What was approved before there were errata stays approved: a letter that corrects nothing has the same hash, and
    # so has one that speaks of no event, asks nothing, has one subject, or leaves by the usual clock.
    names = (
        *_HASHED,
        *(
            each
            for each in ("erratum_of", "asks_consent", "events", "second_subject", "last_open")
            if getattr(snapshot, each)
        ),
    )
    held = {name: getattr(snapshot, name) for name in names}
    if zone != USUAL_ZONE:
        held["zone"] = zone
    return hashlib.sha256(json.dumps(held, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def keep_media(media: Mapping[str, Path], folder: Path) -> None:
    """Copy each medium to `folder/<sha256>.<extension>`: whole or not at all, and only once."""
    for name, source in media.items():
        target = folder / name
        if target.exists():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder, delete=False) as copy:
            copy.write(source.read_bytes())
            copy.flush()
            os.fsync(copy.fileno())
        Path(copy.name).chmod(0o644)
        Path(copy.name).replace(target)
