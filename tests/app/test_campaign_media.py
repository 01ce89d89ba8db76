"""What somebody sends is looked at by its content, renamed, and never takes the place of another file."""

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image

from mailer.app.campaign_media import MOST_BYTES, add_medium, copy_medium, find_picture, media_of
from mailer.errors import InputError, NotFoundError
from mailer.model.workspace import FieldKind


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for campaign in ("flash", "newsletter"):
        (tmp_path / "campaigns" / campaign).mkdir(parents=True)
    return tmp_path


def office(*names: str) -> bytes:
    written = BytesIO()
    with ZipFile(written, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return written.getvalue()


def picture(colour: str = "teal") -> bytes:
    written = BytesIO()
    Image.new("RGB", (20, 10), colour).save(written, "PNG")
    return written.getvalue()


def add(root: Path, name: str, content: bytes, kind: FieldKind = FieldKind.FILE) -> str:
    return add_medium(root, "flash", name=name, content=content, kind=kind)


@pytest.mark.parametrize(
    ("name", "content", "path"),
    [
        ("C:\\Bureau\\Rapport d'activité.PDF", b"%PDF-1.7 x", "media/rapport-d-activite.pdf"),
        ("../../étude.docx", office("word/document.xml"), "media/etude.docx"),
        ("liste.csv", "a;é\n".encode(), "media/liste.csv"),
        ("rdv.ics", b"BEGIN:VCALENDAR\r\n", "media/rdv.ics"),
        ("……pdf.txt", b"x", "media/pdf.txt"),
    ],
)
def test_a_file_is_kept_under_a_safe_name(root: Path, name: str, content: bytes, path: str) -> None:
    assert add(root, name, content) == path
    assert (root / "campaigns/flash" / path).read_bytes() == content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"<html>"),
        ("a.html", b"<html>"),
        ("a.txt", b"\xef\xbb\xbf  <svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.csv", b"a\0b"),
        ("a.ics", b"bonjour"),
        ("a.exe", b"MZ"),
        ("a.docx", b"PK\x03\x04broken"),
        ("a.docx", office("xl/workbook.xml")),
        ("a.docx", office("word/document.xml", "word/vbaProject.bin")),
        ("a", b"x"),
        ("a.pdf", b""),
        ("a.pdf", b"%PDF-" + b"x" * MOST_BYTES),
    ],
)
def test_what_is_not_what_it_says_is_refused(root: Path, name: str, content: bytes) -> None:
    with pytest.raises(InputError):
        add(root, name, content)
    assert not list((root / "campaigns/flash").rglob("*.*"))


def test_another_content_gets_another_name_and_the_same_one_is_kept_once(root: Path) -> None:
    first = add(root, "Photo.png", picture(), FieldKind.IMAGE)
    assert add(root, "photo.PNG", picture(), FieldKind.IMAGE) == first == "media/photo.png"
    assert add(root, "photo.png", picture("navy"), FieldKind.IMAGE) == "media/photo-2.png"
    assert {each.path for each in media_of(root, "flash", FieldKind.IMAGE)} == {first, "media/photo-2.png"}
    assert media_of(root, "flash", FieldKind.FILE) == []


def test_a_link_that_leads_out_of_the_folder_is_not_followed(root: Path) -> None:
    (root / "secret.png").write_bytes(picture())
    media = root / "campaigns/flash/media"
    media.mkdir()
    (media / "out.png").symlink_to(root / "secret.png")
    assert media_of(root, "flash", FieldKind.IMAGE) == []
    with pytest.raises(NotFoundError):
        find_picture(root, "flash", "out.png")
    with pytest.raises(NotFoundError):
        find_picture(root, "..", "secret.png")


def test_a_picture_follows_its_block_into_another_campaign(root: Path) -> None:
    path = add(root, "photo.png", picture(), FieldKind.IMAGE)
    assert copy_medium(root, path, source="flash", target="newsletter") == "media/photo.png"
    assert (root / "campaigns/newsletter/media/photo.png").is_file()
    assert copy_medium(root, "media/none.png", source="flash", target="newsletter") == "media/none.png"
    assert copy_medium(root, "../../secret", source="flash", target="newsletter") == "../../secret"
