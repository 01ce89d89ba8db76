"""Images and files of an issue: found below its campaign's folder, named by their content."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, UnidentifiedImageError

_IMAGES = {".png", ".jpg", ".jpeg", ".gif", ".webp"}
_FILES = {".pdf", ".csv", ".txt", ".ics", ".docx", ".odt", ".xlsx", ".ods", ".pptx", ".odp"}


@dataclass(frozen=True, slots=True)
class Medium:
    """One image or file as templates see it. `kind` is its extension; width and height in pixels, 0 for a file."""

    url: str
    name: str
    kind: str
    kilobytes: int
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class NoMedium:
    """Why a path gives no medium: the code, sentence and values of a Problem."""

    code: str
    message: str
    values: Mapping[str, object]


@dataclass(slots=True)
class MediaShelf:
    """Everything an issue shows or offers; `paths` maps the served name to the file."""

    folder: Path
    base_url: str
    paths: dict[str, Path] = field(default_factory=dict)
    _media: dict[str, Medium] = field(default_factory=dict)

    def find(self, relative: str) -> Medium | NoMedium:
        """The medium of that path below the campaign's folder, or what is wrong with it (security S17)."""
        if relative not in self._media:
            found = self._looked_up(relative)
            if isinstance(found, NoMedium):
                return found
            self._media[relative] = found
        return self._media[relative]

    def _looked_up(self, relative: str) -> Medium | NoMedium:
        file = _resolved(self.folder, relative)
        if file is None:
            message = "There is no file {name} in the campaign's folder. Put it there, or name another one."
            return NoMedium("medium-missing", message, {"name": relative})
        suffix = file.suffix.lower()
        if suffix not in _IMAGES | _FILES:
            message = "{name} is neither an image ({images}) nor a file that may be offered ({files})."
            listed = {"images": " ".join(sorted(_IMAGES)), "files": " ".join(sorted(_FILES))}
            return NoMedium("medium-kind", message, {"name": relative, **listed})
        try:
            return self._read(file, suffix)
        except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
            message = "{name} cannot be read as an image. Save it again as PNG or JPEG."
            return NoMedium("medium-unreadable", message, {"name": relative})

    def _read(self, file: Path, suffix: str) -> Medium:
        content = file.read_bytes()
        name = hashlib.sha256(content).hexdigest() + suffix
        width = height = 0
        if suffix in _IMAGES:
            with Image.open(file) as image:
                width, height = image.size
        self.paths[name] = file
        kilobytes = -(-len(content) // 1024)
        return Medium(f"{self.base_url}/media/{name}", file.name, suffix[1:], kilobytes, width, height)


def _resolved(folder: Path, relative: str) -> Path | None:
    try:
        file = (folder / relative).resolve()
        return file if file.is_relative_to(folder.resolve()) and file.is_file() else None
    except (OSError, ValueError):  # a name that no file system takes
        return None
