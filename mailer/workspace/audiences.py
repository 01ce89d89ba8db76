"""audiences/*.toml: one segment a file."""

import re
from pathlib import Path

from mailer.errors import Problem
from mailer.model.segment import Segment
from mailer.model.segment_grammar import parse_segment
from mailer.workspace import places
from mailer.workspace.toml_files import TomlFile

#: A key, or the name of the field that a condition compares: `field = "organisation.region"`.
_NAMED = re.compile(r"""(?:\bfield[ \t]*=[ \t]*["'](?P<field>[^"']+)["'])|^[ \t]*(?P<key>[\w-]+)[ \t]*=""")


def load_segments(root: Path, problems: list[Problem]) -> dict[str, Segment]:
    """Slug -> segment, in the order of the slugs; what cannot be read is left out and reported."""
    segments = {}
    for found in sorted((root / "audiences").glob("[!.]*.toml")):
        path = found.relative_to(root)
        if not places.is_slug(path.stem):
            problems.append(places.bad_slug(path))
            continue
        file = TomlFile(root, path, problems)
        if file.is_read:
            segments[path.stem] = _read_segment(file)
    return segments


def _read_segment(file: TomlFile) -> Segment:
    title = file.take("title", str, file.path.stem, is_required=True)
    jobs = file.take("jobs", list, [])
    segment, wrong = parse_segment(
        {**file.values, "title": title, "jobs": jobs},
        slug=file.path.stem,
        path=file.path,
        lines=_lines(file.text),
    )
    file.problems += wrong
    return segment


def _lines(text: str) -> dict[str, int]:
    """Each key and each compared field with the line where it is first named."""
    lines: dict[str, int] = {}
    for number, content in enumerate(text.splitlines(), start=1):
        for match in _NAMED.finditer(content):
            lines.setdefault(match["field"] or match["key"], number)
    return lines
