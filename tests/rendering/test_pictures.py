"""Pictures are written anew: upright, narrow enough, without anything that came along."""

from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from mailer.errors import InputError
from mailer.rendering.pictures import WIDTH, prepare


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    written = BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def test_a_photograph_loses_its_place_and_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "a camera"
    exif.get_ifd(0x8825)[1] = "N"
    found = prepare(encoded(Image.new("RGB", (3000, 1500), "teal"), "JPEG", exif=exif))
    with Image.open(BytesIO(found.content)) as kept:
        assert (kept.format, kept.size) == ("JPEG", (WIDTH, 2 * WIDTH))
        assert not kept.getexif()
    assert b"a camera" not in found.content


def test_hidden_texts_and_bytes_behind_the_picture_are_gone() -> None:
    hidden = PngImagePlugin.PngInfo()
    hidden.add_text("Comment", "<script>secret</script>")
    content = encoded(Image.new("RGB", (10, 10)), "PNG", pnginfo=hidden) + b"<script>secret</script>"
    assert b"secret" not in prepare(content).content


def test_transparency_stays_and_a_heavy_drawing_becomes_a_photograph() -> None:
    clear = prepare(encoded(Image.new("RGBA", (40, 40), (0, 0, 0, 0)), "PNG"))
    assert clear.suffix == ".png"
    with Image.open(BytesIO(clear.content)) as kept:
        assert kept.mode == "RGBA"
    noise = prepare(encoded(Image.effect_noise((900, 600), 90).convert("RGB"), "PNG"))
    assert noise.suffix == ".jpg"


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "RGB"])
def test_every_kind_of_colour_is_taken(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert prepare(encoded(Image.new(mode, (30, 20)), kind)).width == 30


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<!doctype html>",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n",
        encoded(Image.new("RGB", (10, 10)), "BMP"),
        encoded(Image.new("RGB", (10, 10)), "TIFF"),
        encoded(Image.new("RGB", (10, 10)), "PNG")[:-30],
        encoded(Image.new("1", (17_000, 10)), "PNG"),
        encoded(Image.new("1", (10_000, 8_000)), "PNG"),
        encoded(
            Image.new("RGB", (9, 9), "teal"),
            "GIF",
            save_all=True,
            append_images=[Image.new("RGB", (9, 9), "navy")],
        ),
    ],
    ids=["svg", "html", "cut gif", "cut png", "bmp", "tiff", "truncated", "too wide", "bomb", "moving"],
)
def test_anything_else_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(InputError):
        prepare(content)
