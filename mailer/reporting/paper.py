"""One A4 page as PDF/UA: what is on it as plain values, and the library that sets it (Typst, the extra `report`).

Values reach the page as JSON, never as markup, so that no subject can be read as a command. Only the typefaces that the library
carries are used, nothing is fetched, and the same values give the same bytes.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from mailer.errors import SettingError

_PAGE = Path(__file__).parent / "paper.typ"
_STANDARD = "ua-1"


@dataclass(frozen=True, slots=True)
class Tile:
    """One large figure with its words, and what it is to be read with."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart as SVG without words of its own, its axis beside and below it, and what it shows in a sentence."""

    title: str
    alt: str
    svg: str
    #: From the top of the chart to its foot.
    scale: tuple[str, ...]
    #: From left to right.
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; its first column is text, the others are numbers."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """What is on the page, from top to foot."""

    language: str
    network: str
    kicker: str
    title: str
    lead: str
    tiles: tuple[Tile, ...]
    drawings: tuple[Drawing, ...]
    grids: tuple[Grid, ...]
    method: str
    foot: str
    on: date


def as_pdf(paper: Paper) -> bytes:
    """PDF/UA-1: tagged, with title and language. Raises SettingError where the library is not installed."""
    return _compiled(paper, form="pdf")[0]


def as_png(paper: Paper) -> list[bytes]:
    """The pages as pictures: to be looked at."""
    return _compiled(paper, form="png")


def _compiled(paper: Paper, *, form: str) -> list[bytes]:
    try:
        import typst
    except ImportError as error:
        raise SettingError(
            "A PDF needs the library Typst, which is not installed. Install it: pip install 'mailer[report]'."
        ) from error
    at = datetime.combine(paper.on, datetime.min.time(), UTC)
    chosen: dict[str, Any] = {"pdf_standards": [_STANDARD]} if form == "pdf" else {"ppi": 110.0}
    # Its stubs know neither several files nor several pages.
    compile_files: Any = typst.compile
    made = compile_files(
        _files(paper), format=form, ignore_system_fonts=True, timestamp=int(at.timestamp()), **chosen
    )
    return list(made) if isinstance(made, list) else [made]


def _files(paper: Paper) -> dict[str, bytes]:
    values = asdict(paper)
    values["on"] = {"year": paper.on.year, "month": paper.on.month, "day": paper.on.day}
    files = {"main.typ": _PAGE.read_bytes()}
    for number, drawing in enumerate(paper.drawings):
        values["drawings"][number]["file"] = f"drawing-{number}.svg"
        del values["drawings"][number]["svg"]
        files[f"drawing-{number}.svg"] = drawing.svg.encode()
    files["paper.json"] = json.dumps(values, ensure_ascii=False).encode()
    return files


def bars(heights: Sequence[float | None], *, most: float) -> str:
    """Columns from 0 to `most`; a gap where there is no value. The axis and its words are set by the page."""
    width, height = 1000, 240
    step = width / max(1, len(heights))
    rects = [
        f'<rect x="{place * step + step * 0.14:.2f}" y="{height - height * value / most:.2f}" '
        f'width="{step * 0.72:.2f}" height="{height * value / most:.2f}" fill="#0b5d57"/>'
        for place, value in enumerate(heights)
        if value
    ]
    lines = [
        f'<path d="M0 {y}H{width}" stroke="#c9d1d0" stroke-width="1.5"/>'
        for y in (1, height // 2, height - 1)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        + "".join([*lines, *rects])
        + "</svg>"
    )


def top(values: Sequence[float | None], steps: Sequence[float]) -> float:
    """The top of an axis: the first of the steps that no value passes."""
    largest = max((value for value in values if value is not None), default=0.0)
    return next((step for step in steps if largest <= step), steps[-1])
