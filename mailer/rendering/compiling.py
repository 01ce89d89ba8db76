"""Compiling: an issue becomes HTML and text with slots, once, whatever the number of recipients."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mailer.errors import Problem, WorkspaceError
from mailer.model.workspace import Block, Campaign, Compiled, Issue, Templates, Tracking
from mailer.rendering.blocks import Reader
from mailer.rendering.confined import Confinement
from mailer.rendering.inlining import inlined
from mailer.rendering.links import LinkBook
from mailer.rendering.media import MediaShelf
from mailer.rendering.mjml import checked, to_html
from mailer.rendering.plain import tidied
from mailer.rendering.slots import SlotKind, holds_mark, mark, mark_merge_fields, stray_mark
from mailer.rendering.templating import Form, Values, render
from mailer.settings import NetworkSettings
from mailer.tokens import Purpose

_END = "</body>"
_PERSONAL = (
    SlotKind.UNSUBSCRIBE,
    SlotKind.PREFERENCES,
    SlotKind.VIEW,
    SlotKind.CONSENT_YES,
    SlotKind.CONSENT_NO,
)


def compile_issue(
    issue: Issue,
    campaign: Campaign,
    templates: Templates,
    *,
    network: NetworkSettings,
    base_url: str,
    root: Path,
    confinement: Confinement | None = None,
) -> Compiled:
    """The issue with slots; raises WorkspaceError with everything that keeps it from being compiled.

    Templates run in `confinement`, which whoever compiles often keeps: it remembers compiled templates. Without
    one, a process is started for this issue and ended.
    """
    if confinement is None:
        with Confinement() as own:
            return compile_issue(
                issue, campaign, templates, network=network, base_url=base_url, root=root, confinement=own
            )
    shelf = MediaShelf(root / "campaigns" / campaign.slug, base_url)
    reader = Reader(issue, campaign, LinkBook(own=f"{base_url}/{Purpose.EVENT}/"), shelf)
    blocks = _read(reader, templates)
    shared = _shared(issue, campaign, templates, network, base_url)
    html, text = _rendered(blocks, shared, templates, campaign, confinement)
    if stray_mark(html + text, links=len(reader.links.targets)):
        raise WorkspaceError([_reserved(issue)])
    return Compiled(
        campaign=campaign.slug,
        issue=issue.slug,
        subject=mark_merge_fields(issue.subject),
        preheader=issue.preheader,
        html=html,
        text=text,
        links=tuple(reader.links.targets),
        link_labels=tuple(reader.links.labels),
        media=dict(reader.shelf.paths),
        language=campaign.language,
        date=issue.send_at.date() if issue.send_at else None,
        second_subject=mark_merge_fields(issue.second_subject),
    )


def issue_mjml(
    issue: Issue,
    campaign: Campaign,
    templates: Templates,
    *,
    network: NetworkSettings,
    base_url: str,
    root: Path,
    confinement: Confinement,
) -> str:
    """The MJML of the issue as the compiler reads it, for whoever holds one compiler against another."""
    shelf = MediaShelf(root / "campaigns" / campaign.slug, base_url)
    blocks = _read(Reader(issue, campaign, LinkBook(own=f"{base_url}/{Purpose.EVENT}/"), shelf), templates)
    shared = _shared(issue, campaign, templates, network, base_url)
    return checked(_written(Form.MJML, blocks, shared, templates, campaign, confinement))


def _read(reader: Reader, templates: Templates) -> list[dict[str, Any]]:
    issue = reader.issue
    if holds_mark(issue.subject + issue.second_subject + issue.preheader):
        reader.problems.append(_reserved(issue))
    blocks = [_block(reader, block, templates, number) for number, block in enumerate(issue.blocks, start=1)]
    if reader.problems:
        raise WorkspaceError(reader.problems)
    return blocks


def _reserved(issue: Issue) -> Problem:
    message = "The issue holds a text that is reserved for the places of names and links."
    remedy = "Write it in another way."
    return Problem(code="reserved-text", message=message, remedy=remedy, path=issue.path)


def _block(reader: Reader, block: Block, templates: Templates, number: int) -> dict[str, Any]:
    block_type = templates.blocks.get(block.kind)
    if block_type is None:
        reader.complain("unknown-block", "There is no block type {kind}.", block, number, kind=block.kind)
        return {}
    return reader.values(block, block_type, number=number)


def _shared(
    issue: Issue, campaign: Campaign, templates: Templates, network: NetworkSettings, base_url: str
) -> dict[str, Any]:
    """What every template may use: plain values only."""
    day = issue.send_at.date() if issue.send_at else None
    return {
        "theme": templates.theme,
        "language": campaign.language,
        "subject": mark(SlotKind.SUBJECT) if issue.second_subject else mark_merge_fields(issue.subject),
        "preheader": mark_merge_fields(issue.preheader),
        "number": issue.number,
        "date": mark(SlotKind.DATE, day.isoformat()) if day else "",
        "campaign": {
            "title": campaign.title,
            "slug": campaign.slug,
            "topic": campaign.topic,
            "members_only": campaign.members_only,
            "archive": f"{base_url}/archive/{campaign.slug}" if campaign.has_archive else "",
            "is_measured": campaign.tracking != Tracking.NONE,
        },
        "sender": {
            "name": campaign.sender_name,
            "address": campaign.sender_address,
            "reply_to": campaign.reply_to,
        },
        "network": network.model_dump(),
        "links": {kind: mark(kind) for kind in _PERSONAL},
    }


def _rendered(
    blocks: Sequence[Values],
    shared: Values,
    templates: Templates,
    campaign: Campaign,
    confinement: Confinement,
) -> tuple[str, str]:
    mjml, text = (
        _written(form, blocks, shared, templates, campaign, confinement) for form in (Form.MJML, Form.TEXT)
    )
    # The pixel stands last: copies with and without one differ in nothing else.
    before, _, after = inlined(to_html(mjml)).rpartition(_END)
    return f"{before}{mark(SlotKind.PIXEL)}{_END}{after}", tidied(text)


def _written(
    form: Form,
    blocks: Sequence[Values],
    shared: Values,
    templates: Templates,
    campaign: Campaign,
    confinement: Confinement,
) -> str:
    return render(
        confinement,
        templates,
        form,
        layout=campaign.layout,
        blocks=blocks,
        shared=shared,
        language=campaign.language,
    )
