"""Compiling: an issue becomes HTML and text with slots, once, whatever the number of recipients."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from babel.dates import format_date
from jinja2 import BaseLoader, DictLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mailer.errors import Problem, WorkspaceError
from mailer.i18n import Translator
from mailer.model.workspace import Block, Campaign, Compiled, Issue, Templates
from mailer.rendering.blocks import Reader, safe
from mailer.rendering.links import LinkBook
from mailer.rendering.media import MediaShelf
from mailer.rendering.mjml import merge_rows, to_html
from mailer.rendering.slots import SlotKind, holds_mark, mark, mark_merge_fields
from mailer.settings import NetworkSettings

_END = "</body>"


def compile_issue(
    issue: Issue,
    campaign: Campaign,
    templates: Templates,
    *,
    network: NetworkSettings,
    base_url: str,
    root: Path,
) -> Compiled:
    """The issue with slots; raises WorkspaceError with everything that keeps it from being compiled."""
    problems = _reserved(issue)
    shelf = MediaShelf((root / "campaigns" / campaign.slug), base_url)
    reader = Reader(issue, campaign, LinkBook(), shelf, problems)
    blocks = [
        _block_values(reader, block, templates, number) for number, block in enumerate(issue.blocks, start=1)
    ]
    if problems:
        raise WorkspaceError(problems)
    shared = _shared(issue, campaign, templates, network)
    html = _html(blocks, shared, templates, campaign, issue)
    text = _text(blocks, shared, templates, campaign, issue)
    return Compiled(
        campaign=campaign.slug,
        issue=issue.slug,
        subject=mark_merge_fields(issue.subject),
        preheader=issue.preheader,
        html=html,
        text=text,
        links=tuple(reader.links.targets),
        link_labels=tuple(reader.links.labels),
        media=dict(shelf.paths),
        language=campaign.language,
        date=issue.send_at.date() if issue.send_at else None,
    )


def _reserved(issue: Issue) -> list[Problem]:
    if not holds_mark(issue.subject + issue.preheader):
        return []
    message = "The subject or preheader holds a reserved text."
    return [Problem(code="reserved-text", message=message, path=issue.path)]


def _block_values(reader: Reader, block: Block, templates: Templates, number: int) -> dict[str, Any]:
    block_type = templates.blocks.get(block.kind)
    if block_type is None:
        reader.problems.append(
            Problem(
                code="unknown-block",
                message="There is no block type {kind}.",
                values={"kind": block.kind},
                path=reader.issue.path,
                line=block.line,
                block=number,
            )
        )
        return {}
    return reader.values(block, block_type, number=number)


def _shared(
    issue: Issue, campaign: Campaign, templates: Templates, network: NetworkSettings
) -> dict[str, Any]:
    """What every template may use: plain values only."""
    day = issue.send_at.date() if issue.send_at else None
    style = "d MMMM y"
    return {
        "theme": templates.theme,
        "language": campaign.language,
        "subject": mark_merge_fields(issue.subject),
        "preheader": mark_merge_fields(issue.preheader),
        "number": issue.number,
        "date": format_date(day, style, locale=campaign.language) if day else "",
        "campaign": {
            "title": campaign.title,
            "slug": campaign.slug,
            "topic": campaign.topic,
            "members_only": campaign.members_only,
            "is_measured": campaign.tracking != "none",
        },
        "sender": {
            "name": campaign.sender_name,
            "address": campaign.sender_address,
            "reply_to": campaign.reply_to,
        },
        "network": network.model_dump(),
        "links": {
            "unsubscribe": mark(SlotKind.UNSUBSCRIBE),
            "preferences": mark(SlotKind.PREFERENCES),
            "view": mark(SlotKind.VIEW),
        },
        "t": Translator(campaign.language),
    }


def _html(
    blocks: list[dict[str, Any]],
    shared: Mapping[str, Any],
    templates: Templates,
    campaign: Campaign,
    issue: Issue,
) -> str:
    sources = {f"blocks/{kind}": block.mjml for kind, block in templates.blocks.items()}
    sources |= {f"layouts/{name}": layout.mjml for name, layout in templates.layouts.items()}
    html = to_html(merge_rows(_rendered(sources, blocks, shared, campaign, issue, rich=True)))
    # The pixel stands last: copies with and without one differ in nothing else.
    before, _, after = html.rpartition(_END)
    return f"{before}{mark(SlotKind.PIXEL)}{_END}{after}"


def _text(
    blocks: list[dict[str, Any]],
    shared: Mapping[str, Any],
    templates: Templates,
    campaign: Campaign,
    issue: Issue,
) -> str:
    sources = {f"blocks/{kind}": block.text for kind, block in templates.blocks.items()}
    sources |= {f"layouts/{name}": layout.text for name, layout in templates.layouts.items()}
    plain = [{**block, **block.get("texts", {})} for block in blocks]
    text = _rendered(sources, plain, shared, campaign, issue, rich=False)
    return _without_gaps(text)


def _without_gaps(text: str) -> str:
    """At most one empty line between parts, none at the ends, no trailing blanks."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines).strip() + "\n"


def _rendered(
    sources: dict[str, str],
    blocks: list[dict[str, Any]],
    shared: Mapping[str, Any],
    campaign: Campaign,
    issue: Issue,
    *,
    rich: bool,
) -> str:
    environment = _environment(DictLoader(sources), rich=rich)
    try:
        has_section = False
        rendered = []
        for block in blocks:
            # One h1, then no skipped level: titles are h2 until a section has opened, h3 below it.
            values = {**shared, **block, "level": 3 if has_section else 2}
            rendered.append(environment.get_template(f"blocks/{block['kind']}").render(values))
            has_section = has_section or block["kind"] == "section"
        body = "\n".join(rendered)
        template = environment.get_template(f"layouts/{campaign.layout}")
        return template.render(**shared, body=safe(body) if rich else body)
    except TemplateError as error:
        raise WorkspaceError([_template_problem(error, issue)]) from error


def _environment(loader: BaseLoader, *, rich: bool) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=loader, autoescape=rich, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _template_problem(error: TemplateError, issue: Issue) -> Problem:
    line = error.lineno if isinstance(error, TemplateSyntaxError) else None
    name = getattr(error, "name", None) or issue.path.name
    message = "A template cannot be used ({name}): {reason}."
    return Problem(
        code="template", message=message, values={"name": name, "reason": error.message}, line=line
    )
