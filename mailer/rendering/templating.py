"""The templates of one issue, rendered by the confined process: MJML with escaping, or plain text."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from mailer.errors import Problem, WorkspaceError
from mailer.i18n import Translator
from mailer.model.workspace import Templates
from mailer.rendering.confined import Confinement, Fault
from mailer.rendering.plain import PAUSE

#: The words that a template asks for: `t("…")`.
_WORDS = re.compile(r'\bt\(\s*"([^"]+)"')

Values = Mapping[str, Any]


class Form(StrEnum):
    """Which of its two templates; the value is the end of the file's name."""

    MJML = ".mjml.j2"
    TEXT = ".txt.j2"


def render(
    confinement: Confinement,
    templates: Templates,
    form: Form,
    *,
    layout: str,
    blocks: Sequence[Values],
    shared: Values,
    language: str,
) -> str:
    """The blocks in their layout; raises WorkspaceError with the template and line that cannot be used.

    A block's values are plain; those named in its `texts` are markup already, and have their plain-text form there.
    """
    is_mjml = form is Form.MJML
    sources = template_sources(templates, form)
    used = [
        [
            f"blocks/{block['kind']}{form}",
            block if is_mjml else {**block, **block["texts"]},
            list(block["texts"]),
        ]
        for block in _levelled(blocks)
    ]
    found = confinement.render(
        {
            "sources": sources,
            "escape": is_mjml,
            "words": _words(sources, language),
            "shared": shared,
            "joint": "\n" if is_mjml else f"\n{PAUSE}\n",
            "blocks": used,
            "layout": f"layouts/{layout}{form}",
        }
    )
    if isinstance(found, Fault):
        raise WorkspaceError([_problem(found)])
    return found


def template_sources(templates: Templates, form: Form) -> dict[str, str]:
    """Path below templates/ -> source, of every layout and block in one form."""
    is_mjml = form is Form.MJML
    found = {
        f"layouts/{name}{form}": each.mjml if is_mjml else each.text
        for name, each in templates.layouts.items()
    }
    return found | {
        f"blocks/{kind}{form}": each.mjml if is_mjml else each.text for kind, each in templates.blocks.items()
    }


def _levelled(blocks: Sequence[Values]) -> list[dict[str, Any]]:
    """With `level`: one h1 and no skipped level (rules H5), so titles are h2 until a section opens, h3 below it."""
    level, found = 2, []
    for block in blocks:
        found.append({**block, "level": level})
        if block["kind"] == "section":
            level = 3
    return found


def _words(sources: Mapping[str, str], language: str) -> dict[str, str]:
    t = Translator(language)
    return {text: t(text) for source in sources.values() for text in _WORDS.findall(source)}


def _problem(fault: Fault) -> Problem:
    path = Path("templates") / fault.name if fault.name else None
    if fault.kind == "time":
        message = "A template does not come to an end."
    elif fault.kind == "memory":
        message = "A template needs too much memory."
    elif fault.kind == "output":
        message = "A template writes too much."
    elif fault.kind == "ended":
        message = "The process that renders templates ended: {reason}."
    else:
        message = "This template cannot be used: {reason}."
    remedy = "Look for a loop without end." if fault.kind in {"time", "memory", "output"} else ""
    values = {"reason": fault.reason.rstrip(".")}
    return Problem(code="template", message=message, remedy=remedy, values=values, path=path, line=fault.line)
