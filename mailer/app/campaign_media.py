"""The pictures and files of a campaign: what is in its media folder, and what somebody adds to it."""

import re
import unicodedata
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePath
from zipfile import BadZipFile, ZipFile

from mailer.errors import InputError, NotFoundError
from mailer.model.workspace import FieldKind
from mailer.rendering.pictures import prepare
from mailer.workspace.places import is_below, is_slug
from mailer.workspace.saving import create_file

FOLDER = "media"
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
FILES = (".pdf", ".csv", ".txt", ".ics", ".docx", ".odt", ".xlsx", ".ods", ".pptx", ".odp")
MOST_BYTES = 12_000_000
_MOST_LETTERS = 60
#: What the content of each kind of office file names inside.
_INSIDE = {
    ".docx": "word/document.xml",
    ".xlsx": "xl/workbook.xml",
    ".pptx": "ppt/presentation.xml",
    ".odt": "content.xml",
    ".ods": "content.xml",
    ".odp": "content.xml",
}


@dataclass(frozen=True, slots=True)
class Medium:
    """One file of the folder; `path` is what an issue writes."""

    path: str
    name: str


def media_of(root: Path, campaign: str, kind: FieldKind) -> list[Medium]:
    """What a field of this kind may name, the newest first."""
    suffixes = PICTURES if kind is FieldKind.IMAGE else FILES
    folder = _folder(root, campaign)
    found = [
        path
        for path in (folder.iterdir() if folder.is_dir() else ())
        if path.suffix.lower() in suffixes and path.is_file() and is_below(path, folder)
    ]
    found.sort(key=lambda path: (-path.stat().st_mtime_ns, path.name))
    return [Medium(f"{FOLDER}/{path.name}", path.name) for path in found]


def find_picture(root: Path, campaign: str, name: str) -> Path:
    """The file of a picture, to be shown at the desk; raises NotFoundError for anything else (security S17)."""
    folder = _folder(root, campaign)
    path = folder / PurePath(name).name
    if path.suffix.lower() not in PICTURES or not path.is_file() or not is_below(path, folder):
        raise NotFoundError("There is no picture of this name.")
    return path


def add_medium(root: Path, campaign: str, *, name: str, content: bytes, kind: FieldKind) -> str:
    """Keep what somebody sent under a safe name; the path that an issue writes. Raises InputError."""
    if not content:
        raise InputError("This file is empty. Choose another one.")
    if len(content) > MOST_BYTES:
        raise _too_long()
    if kind is FieldKind.IMAGE:
        picture = prepare(content)
        return _kept(_folder(root, campaign), _stem(name), picture.suffix, picture.content)
    return _kept(_folder(root, campaign), _stem(name), _suffix(name, content), content)


def copy_medium(root: Path, path: str, *, source: str, target: str) -> str:
    """The same file in another campaign's folder; the path there, or the old one where there is nothing to copy."""
    original = root / "campaigns" / source / path
    if source == target or not original.is_file() or not is_below(original, root / "campaigns" / source):
        return path
    stem = _stem(original.name)
    return _kept(_folder(root, target), stem, original.suffix.lower(), original.read_bytes())


def _too_long() -> InputError:
    return InputError(
        "This file is larger than {most} MB. Make it smaller, or link to it.", most=MOST_BYTES // 10**6
    )


def _folder(root: Path, campaign: str) -> Path:
    folder = root / "campaigns" / campaign / FOLDER
    if not is_slug(campaign) or not is_below(folder, root):
        raise NotFoundError("There is no campaign {slug}.", slug=campaign)
    return folder


def _kept(folder: Path, stem: str, suffix: str, content: bytes) -> str:
    """The same content is kept once; another one never takes the place of a file that an issue may show."""
    folder.mkdir(exist_ok=True)
    number = 1
    while True:
        path = folder / (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}")
        if path.is_file() and path.read_bytes() == content:
            return f"{FOLDER}/{path.name}"
        try:
            create_file(path, content)
        except FileExistsError:
            number += 1
        else:
            return f"{FOLDER}/{path.name}"


def _stem(name: str) -> str:
    """What a file was called, in small letters, digits and hyphens."""
    plain = PurePath(name.replace("\\", "/")).name.rpartition(".")[0] or name
    ascii_only = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:_MOST_LETTERS].strip("-") or "image"


def _suffix(name: str, content: bytes) -> str:
    """The kind that both the content and the name say; raises InputError where they do not agree."""
    suffix = PurePath(name.replace("\\", "/")).suffix.lower()
    if suffix in FILES and _fits(suffix, content):
        return suffix
    raise InputError(
        "This file cannot be offered in a letter. Possible are: {known}. Its content must be what its name says.",
        known=" ".join(FILES),
    )


def _fits(suffix: str, content: bytes) -> bool:
    if suffix == ".pdf":
        return content.startswith(b"%PDF-")
    if suffix in _INSIDE:
        return _is_office(content, _INSIDE[suffix])
    return _is_text(content) and (suffix != ".ics" or content.lstrip().startswith(b"BEGIN:VCALENDAR"))


def _is_office(content: bytes, wanted: str) -> bool:
    """Looks at the list of what is inside, without unpacking any of it; macros are refused."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
    except (BadZipFile, ValueError, OSError, NotImplementedError):
        return False
    return wanted in names and not any(each.lower().endswith("vbaproject.bin") for each in names)


def _is_text(content: bytes) -> bool:
    """Plain text, and no page that a browser would take for one."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    return "\0" not in text and not text.lstrip().startswith("<")
