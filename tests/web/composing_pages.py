"""An opened page of the composer as a browser holds it: every field of its form, sent whole with each save."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser

import requests

from mailer.model.accounts import Role
from tests.web.conftest import Desk


class FormReader(HTMLParser):
    """The fields of the form `lettre`, with what a browser would send."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._inside = False
        self._area = self._select = ""
        self._is_first = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self._inside = given.get("id") == "lettre"
        elif not self._inside:
            return
        elif tag == "input" and given.get("type") not in {"file", "submit"}:
            if given.get("type") != "checkbox" or "checked" in given:
                self.fields[name] = given.get("value", "")
        elif tag == "textarea":
            self._area, self._is_first = name, True
            self.fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in given or self._select not in self.fields):
            self.fields[self._select] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area:
            # The line break right behind the tag is none of the text.
            self.fields[self._area] += data.removeprefix("\n") if self._is_first else data
            self._is_first = False

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        elif tag == "form":
            self._inside = False


@dataclass(slots=True)
class OpenPage:
    """One page of one writer."""

    desk: Desk
    ref: str
    session: requests.Session
    form: dict[str, str] = field(default_factory=dict)
    #: Whether the file has more than the page shows.
    is_behind: bool = False

    @classmethod
    def of(cls, desk: Desk, role: Role, ref: str) -> "OpenPage":
        page = cls(desk, ref, desk.browser(role))
        page.open()
        return page

    @property
    def url(self) -> str:
        return f"{self.desk.url}/lettres/{self.ref}/ecrire"

    def open(self) -> None:
        answer = self.session.get(self.url)
        assert answer.status_code == 200
        self.read(answer.text)

    def read(self, html: str) -> None:
        reader = FormReader()
        reader.feed(html)
        self.form, self.is_behind = reader.fields, False

    def save(self) -> requests.Response:
        """As the script does after a key; the page remembers what it is told."""
        answer = self._send("save", accept="application/json")
        if answer.status_code == 200:
            said = answer.json()
            self.form["base"] = said["version"]
            self.is_behind = said["file"] != said["version"]
        return answer

    def act(self, order: str) -> requests.Response:
        """As a button does: the whole page comes back."""
        answer = self._send(order)
        if answer.status_code == 200:
            self.read(answer.text)
        return answer

    def choose(self, path: str, pick: Callable[[list[str]], str]) -> None:
        """Answer each question of the page of two versions; then open the letter again."""
        for _ in range(3):
            html = self.session.get(self.desk.url + path).text
            names = dict.fromkeys(re.findall(r'type="radio" name="([^"]+)"', html))
            offered = {
                each: re.findall(rf'type="radio" name="{re.escape(each)}" value="(\w+)"', html)
                for each in names
            }
            base = re.search(r'name="base" value="(\w+)"', html)
            assert base is not None
            form = {each: pick(values) for each, values in offered.items()}
            answer = self.desk.post(self.session, path, base=base[1], **form)
            assert answer.status_code == 303
            path = answer.headers["Location"]
            if "/conflit/" not in path:
                break
        self.open()

    def _send(self, order: str, *, accept: str = "text/html") -> requests.Response:
        # Browsers send the lines of a text with CRLF.
        data = {name: value.replace("\n", "\r\n") for name, value in self.form.items()}
        headers = {"Accept": accept}
        return self.session.post(self.url, data=data | {"act": order}, headers=headers, allow_redirects=False)
