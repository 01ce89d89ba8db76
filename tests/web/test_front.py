"""The committed bundle of libraries is what `make front` makes of its sources."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

FRONT = REPOSITORY / "mailer/web/front"
SERVED = REPOSITORY / "mailer/web/static/compose"
MADE = ("tiptap.js", "tiptap.LICENCES.txt")


def test_the_bundle_says_that_it_was_made_from_the_sources_beside_it() -> None:
    """Needs no node: whoever changes a version or the entry without `make front` is found here."""
    names = ("build.mjs", "entry.js", "package-lock.json", "package.json")
    fingerprint = hashlib.sha256(b"".join((FRONT / name).read_bytes() for name in names)).hexdigest()
    assert fingerprint in (SERVED / "tiptap.js").read_text("utf-8").partition("\n")[0]


def test_making_it_anew_gives_the_same_bytes(tmp_path: Path) -> None:
    if not (shutil.which("node") and (FRONT / "node_modules").is_dir()):
        pytest.skip("node is not here, or `make front` has not been run: nothing to compare the bundle with")
    subprocess.run(["node", "build.mjs", str(tmp_path)], cwd=FRONT, check=True)
    for name in MADE:
        assert (tmp_path / name).read_bytes() == (SERVED / name).read_bytes(), name


def test_every_library_in_it_has_its_licence_beside_it() -> None:
    licences = (SERVED / "tiptap.LICENCES.txt").read_text("utf-8")
    for name in ("@tiptap/core", "prosemirror-view", "prosemirror-markdown", "markdown-it", "linkify-it"):
        assert f"\n{name} " in f"\n{licences}", name
    assert licences.count("Permission is hereby granted") + licences.count("Redistribution and use") >= 25
    assert not any(word in licences for word in ("GPL", "Apache"))


def test_its_lock_file_carries_no_address_and_no_script_runs() -> None:
    assert "://" not in (FRONT / "package-lock.json").read_text("utf-8")
    settings = (FRONT / ".npmrc").read_text("utf-8").split()
    assert {"omit-lockfile-registry-resolved=true", "ignore-scripts=true"} <= set(settings)


def test_only_the_composer_loads_it() -> None:
    pages = (REPOSITORY / "mailer/web/templates").rglob("*.html")
    assert [each.name for each in pages if "/static/compose/" in each.read_text("utf-8")] == ["compose.html"]
