"""A new workspace: templates, audiences, and one issue per campaign to begin with."""

import shutil
import tempfile
from pathlib import Path

from mailer.errors import NotFoundError, RefusedError
from mailer.workspace.campaigns import FILE_NAME as CAMPAIGN_FILE
from mailer.workspace.reader import read_issue

SETTINGS_FILE = "mailer.toml"
FOLDERS = ("templates", "audiences", "campaigns")


def init(directory: Path, source: Path) -> list[Path]:
    """Make a workspace in `directory` after the one in `source`; the new files, sorted.

    All or nothing: it is built beside and moved into its place, `mailer.toml` last. Raises RefusedError where
    the folder already has a workspace or one of its three folders.
    """
    _refuse_occupied(directory)
    if not all((source / name).exists() for name in (*FOLDERS, SETTINGS_FILE)):
        raise NotFoundError("There is no workspace in {folder} to copy from.", folder=source)
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{directory.name}.", dir=directory.parent) as scratch:
        built = Path(scratch) / "workspace"
        _build(built, source)
        files = sorted(path.relative_to(built) for path in built.rglob("*") if path.is_file())
        _move(built, directory)
    return [directory / path for path in files]


def _refuse_occupied(directory: Path) -> None:
    for name in (SETTINGS_FILE, *FOLDERS):
        if (directory / name).exists():
            raise RefusedError(
                "{directory} already holds {name}. Choose another folder; nothing was changed.",
                directory=directory,
                name=name,
            )


def _build(built: Path, source: Path) -> None:
    for name in ("templates", "audiences"):
        shutil.copytree(source / name, built / name, ignore=shutil.ignore_patterns(".*"))
    for campaign_file in sorted((source / "campaigns").glob(f"*/{CAMPAIGN_FILE}")):
        _copy_campaign(campaign_file.parent, built / "campaigns" / campaign_file.parent.name)
    shutil.copy(source / SETTINGS_FILE, built / SETTINGS_FILE)


def _copy_campaign(source: Path, target: Path) -> None:
    """campaign.toml, the latest issue, and the images and files that this issue shows."""
    target.mkdir(parents=True)
    shutil.copy(source / CAMPAIGN_FILE, target)
    issues = sorted(source.glob("[!.]*.md"))
    for path in issues[-1:]:
        shutil.copy(path, target)
        for used in _files_of(path):
            (target / used).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / used, target / used)


def _files_of(path: Path) -> set[Path]:
    """What the issue's attributes name and its folder holds."""
    text = path.read_bytes().decode("utf-8")
    issue, _ = read_issue(text, campaign=path.parent.name, slug=path.stem, path=path)
    named = {
        Path(value) for block in issue.blocks for value in block.attributes.values() if "\n" not in value
    }
    media = {
        found.relative_to(path.parent) for found in (path.parent / "media").rglob("*") if found.is_file()
    }
    return named & media


def _move(built: Path, directory: Path) -> None:
    """One rename where the folder is new; else one for each entry, the settings last."""
    if not directory.exists():
        built.rename(directory)
        return
    for name in (*FOLDERS, SETTINGS_FILE):
        (built / name).rename(directory / name)
