"""Pictures that somebody uploads: decoded, turned upright, made as wide as a mail needs, and written anew.

Nothing of the file that was sent is kept: no position, no name of a camera, no hidden data (security S18).
"""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from mailer.errors import InputError

#: Twice the width of the content of a mail, for fine screens.
WIDTH = 1_088
#: What is read at all: content decides, not the name.
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
MOST_PIXELS = 40_000_000
_MOST_SIDE = 16_000
#: Above this a picture without transparency is written as JPEG.
_HEAVY_BYTES = 150_000
_QUALITY = 84


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept. `suffix` is that of its content."""

    content: bytes
    suffix: str
    width: int
    height: int


def prepare(content: bytes, *, width: int = WIDTH) -> Picture:
    """The picture, at the most `width` pixels wide; raises InputError with the way out for anything else."""
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            _refuse_oversized(image)
            is_png = image.format in {"PNG", "GIF"}
            image.draft("RGB", (width * 2, width * 2))
            upright = _fitted(_plain(ImageOps.exif_transpose(image)), width)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise InputError(
            "This file is not a picture that mail programs show. Save it as PNG or JPEG and send it again."
        ) from error
    return _encoded(upright, prefers_png=is_png)


def _refuse_oversized(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MOST_PIXELS or max(width, height) > _MOST_SIDE:
        raise InputError(
            "This picture has {width} × {height} pixels, which is too much. Make it smaller: {wanted} pixels wide are enough.",
            width=width,
            height=height,
            wanted=WIDTH,
        )
    if getattr(image, "n_frames", 1) > 1:
        raise InputError(
            "This picture moves. Many mail programs show the first instant only: send that one as PNG or JPEG."
        )


def _plain(image: Image.Image) -> Image.Image:
    """Red, green and blue, and transparency only where there is some."""
    has_alpha = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    if not has_alpha:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    lowest, _ = clear.getchannel("A").getextrema()
    return clear if isinstance(lowest, int | float) and lowest < 255 else clear.convert("RGB")


def _fitted(image: Image.Image, width: int) -> Image.Image:
    if image.width <= width:
        return image
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _encoded(image: Image.Image, *, prefers_png: bool) -> Picture:
    # A new image: what the decoder has noted beside the pixels stays behind.
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    if bare.mode == "RGBA" or prefers_png:
        content = _saved(bare, "PNG", optimize=True)
        if bare.mode == "RGBA" or len(content) <= _HEAVY_BYTES:
            return Picture(content, ".png", *bare.size)
    content = _saved(bare, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return Picture(content, ".jpg", *bare.size)


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    written = BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()
