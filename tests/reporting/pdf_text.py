"""What a PDF says, read back by its own tables of characters: enough for a page of Typst, and nothing of the writer's code."""

import re
import zlib
from collections.abc import Iterator

_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\n(.*?)\nendstream", re.DOTALL)
_SHOWN = re.compile(rb"/(f\d+) [\d.]+ Tf|\(((?:[^()\\]|\\.)*)\)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of(pdf: bytes) -> str:
    """The text of every page, in the order in which it is drawn, spaces as they were set."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    fonts = {
        name.decode(): _characters(objects, objects[int(font)])
        for body in objects.values()
        for name, font in re.findall(rb"/(f\d+) (\d+) 0 R", body)
    }
    pages = [body for body in objects.values() if re.search(rb"/Type\s*/Page\b", body)]
    contents = [int(re.search(rb"/Contents (\d+) 0 R", body)[1]) for body in pages]  # type: ignore[index]
    return "\n".join("".join(_shown(_stream(objects[each]), fonts)) for each in contents)


def page_count(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def _stream(body: bytes) -> bytes:
    found = _STREAM.search(body)
    assert found is not None
    return zlib.decompress(found[1])


def _shown(content: bytes, fonts: dict[str, dict[int, str]]) -> Iterator[str]:
    characters: dict[int, str] = {}
    for font, shown in _SHOWN.findall(content):
        if font:
            characters = fonts[font.decode()]
            yield " "
        else:
            codes = _unescaped(shown)
            pairs = [int.from_bytes(codes[at : at + 2]) for at in range(0, len(codes), 2)]
            yield "".join(characters.get(code, "") for code in pairs)


def _unescaped(shown: bytes) -> bytes:
    def one(match: re.Match[bytes]) -> bytes:
        said = match[1]
        return bytes([int(said, 8)]) if said.isdigit() else _ESCAPES.get(said, said)

    return re.sub(rb"\\([0-7]{1,3}|.)", one, shown, flags=re.DOTALL)


def _characters(objects: dict[int, bytes], font: bytes) -> dict[int, str]:
    """The font's ToUnicode table: code -> text."""
    named = re.search(rb"/ToUnicode (\d+) 0 R", font)
    if named is None:
        return {}
    table = _stream(objects[int(named[1])])
    found: dict[int, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for code, text in re.findall(rb"<(\w+)>\s*<(\w+)>", block):
            found[int(code, 16)] = _utf16(text)
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, text in re.findall(rb"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for step, code in enumerate(range(int(first, 16), int(last, 16) + 1)):
                found[code] = chr(ord(_utf16(text)) + step)
    return found


def _utf16(text: bytes) -> str:
    return bytes.fromhex(text.decode()).decode("utf-16-be")
