"""A new workspace: templates, audiences, and for each campaign one issue and one event to begin with."""

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from mailer.errors import NotFoundError, RefusedError
from mailer.model.workspace import Issue
from mailer.workspace.campaigns import FILE_NAME as CAMPAIGN_FILE
from mailer.workspace.events import FOLDER
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
    """campaign.toml, the latest issue, those that wait without an hour (frames), and what these show and announce."""
    target.mkdir(parents=True)
    shutil.copy(source / CAMPAIGN_FILE, target)
    issues = _examples(source)
    for path, issue in issues.items():
        shutil.copy(path, target)
        for used in _files_of(path.parent, issue):
            (target / used).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / used, target / used)
    for path in _events_of(source, issues.values()):
        (target / FOLDER).mkdir(exist_ok=True)
        shutil.copy(path, target / FOLDER)


def _examples(source: Path) -> dict[Path, Issue]:
    read = {path: _read(path) for path in sorted(source.glob("[!.]*.md"))}
    dated = [path for path, issue in read.items() if issue.send_at]
    if not dated:
        return dict(list(read.items())[-1:])
    latest = max(dated, key=lambda path: (str(read[path].send_at), path.name))
    return {path: issue for path, issue in read.items() if path == latest or not issue.send_at}


def _read(path: Path) -> Issue:
    text = path.read_bytes().decode("utf-8")
    return read_issue(text, campaign=path.parent.name, slug=path.stem, path=path)[0]


def _files_of(folder: Path, issue: Issue) -> set[Path]:
    """What the issue's attributes name and its folder holds."""
    named = {
        Path(value) for block in issue.blocks for value in block.attributes.values() if "\n" not in value
    }
    media = {found.relative_to(folder) for found in (folder / "media").rglob("*") if found.is_file()}
    return named & media


def _events_of(source: Path, issues: Iterable[Issue]) -> list[Path]:
    """Those that the issues speak of, else one, as an example of the file."""
    there = sorted((source / FOLDER).glob("[!.]*.toml"))
    named = {name for issue in issues for name in issue.events}
    return [path for path in there if path.stem in named] or there[-1:]


def _move(built: Path, directory: Path) -> None:
    """One rename where the folder is new; else one for each entry, the settings last."""
    if not directory.exists():
        built.rename(directory)
        return
    for name in (*FOLDERS, SETTINGS_FILE):
        (built / name).rename(directory / name)
