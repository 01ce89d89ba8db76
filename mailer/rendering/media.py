"""Images and files of an issue: found below its campaign's folder, named by their content."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from mailer.errors import Problem

_IMAGES = {".png", ".jpg", ".jpeg", ".gif", ".webp"}
_FILES = {".pdf", ".csv", ".txt", ".ics"}


@dataclass(frozen=True, slots=True)
class Medium:
    """One image or file as templates see it; pixels are 0 for a file. `size` in bytes."""

    url: str
    name: str
    size: int
    width: int = 0
    height: int = 0


@dataclass(slots=True)
class MediaShelf:
    """Everything an issue shows or offers; `paths` maps the served name to the file."""

    folder: Path
    base_url: str
    paths: dict[str, Path] = field(default_factory=dict)
    _media: dict[str, Medium] = field(default_factory=dict)

    def find(self, relative: str, *, block: int, path: Path, line: int | None) -> Medium | Problem:
        """The medium of that path below the campaign's folder, or the problem with it (security S17)."""
        if relative in self._media:
            return self._media[relative]
        place = {"path": path, "line": line, "block": block}
        file = (self.folder / relative).resolve()
        if not file.is_relative_to(self.folder.resolve()) or not file.is_file():
            return Problem(
                code="medium-missing",
                message="There is no file {name} in the campaign's folder.",
                remedy="Put it there, or name another one.",
                values={"name": relative},
                **place,  # type: ignore[arg-type]  # the three places have their types above
            )
        suffix = file.suffix.lower()
        if suffix not in _IMAGES | _FILES:
            return Problem(
                code="medium-kind",
                message="{name} is neither an image nor a file that may be offered.",
                remedy="Images: {images}. Files: {files}.",
                values={
                    "name": relative,
                    "images": " ".join(sorted(_IMAGES)),
                    "files": " ".join(sorted(_FILES)),
                },
                **place,  # type: ignore[arg-type]
            )
        try:
            medium = self._read(file, suffix)
        except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
            return Problem(
                code="medium-unreadable",
                message="{name} cannot be read as an image.",
                remedy="Save it again as PNG or JPEG.",
                values={"name": relative},
                **place,  # type: ignore[arg-type]
            )
        self._media[relative] = medium
        return medium

    def _read(self, file: Path, suffix: str) -> Medium:
        content = file.read_bytes()
        name = hashlib.sha256(content).hexdigest() + suffix
        width = height = 0
        if suffix in _IMAGES:
            with Image.open(file) as image:
                width, height = image.size
        self.paths[name] = file
        return Medium(f"{self.base_url}/media/{name}", file.name, len(content), width, height)
