"""A form with a file: its parts are written to their place as they arrive, and nothing before its token is right.

FastAPI would keep the whole file in the system's temporary folder before anybody has looked at the token.
"""

from collections.abc import Callable
from typing import Any, BinaryIO

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from mailer.errors import InputError
from mailer.web.public.forms import read_form

_MOST_FIELD_BYTES = 1_000

Fields = dict[str, str]
#: Raises for fields that must not be followed; called before the file, if any, is opened.
Checking = Callable[[Fields], None]
#: Given the fields and the file's name as the browser says it: where it is written.
Opening = Callable[[Fields, str], BinaryIO]


async def receive(request: Request, *, check: Checking, opening: Opening) -> bool:
    """Read the whole form, the fields before the file; whether a file was chosen.

    Raises InputError for what no browser sends, and whatever `check` and `opening` raise.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        form = await read_form(request)
        given = form.items() if form else ()
        check({name: value for name, value in given if isinstance(value, str)})
        return False
    receiver = _Receiver(check, opening)
    try:
        parser = MultipartParser(options[b"boundary"], receiver.callbacks())  # type: ignore[arg-type]  # a TypedDict there
        async for piece in request.stream():
            # To the page cache, in pieces of 64 KB: not worth a thread each.
            parser.write(piece)
    except FormParserError as error:
        raise InputError("This form is not complete. Go back and fill it in again.") from error
    finally:
        receiver.close()
    receiver.require_check()
    if not receiver.is_complete:
        raise InputError("This form is not complete. Go back and fill it in again.")
    return receiver.has_file


class _Receiver:
    """The parts as the parser finds them."""

    def __init__(self, check: Checking, opening: Opening) -> None:
        self._check = check
        self._opening = opening
        self._fields: Fields = {}
        self._headers: dict[bytes, bytes] = {}
        self._header, self._value, self._content = b"", b"", b""
        self._name = ""
        self._file: BinaryIO | None = None
        self._is_checked = False
        self.has_file = False
        self.is_complete = False

    def callbacks(self) -> dict[str, Any]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._complete,
        }

    def require_check(self) -> None:
        """The fields are looked at once, at the latest at the end."""
        if not self._is_checked:
            self._is_checked = True
            self._check(self._fields)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self) -> None:
        self._headers, self._name, self._content = {}, "", b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header, self._value = b"", b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" not in options:
            return
        self.require_check()
        name = options[b"filename"].decode("utf-8", "replace")
        if name and not self.has_file:
            self._file = self._opening(self._fields, name)
            self.has_file = True

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(data[start:end])
        elif len(self._content) + end - start <= _MOST_FIELD_BYTES:
            self._content += data[start:end]

    def _end(self) -> None:
        if self._file is not None:
            self.close()
        elif self._name and not self._is_checked:
            self._fields[self._name] = self._content.decode("utf-8", "replace")

    def _complete(self) -> None:
        self.is_complete = True
