"""The rule of an audience on the desk: counted before it is saved, saved whole, never over somebody else's change."""

import tomllib
from pathlib import Path

import pytest
import requests
from lxml import html

from mailer.model.accounts import Role
from mailer.model.ledger import SendState
from tests.web.conftest import Desk
from tests.web.data import add_send
from tests.web.people import add_people

PAGE = "/audiences/abonnes/regle"


@pytest.fixture
def network(desk: Desk, tmp_path: Path) -> Desk:
    add_people(desk.mailer, tmp_path)
    return desk


class Form:
    """The page's form as a browser holds it; `press` sends it with one button."""

    def __init__(self, desk: Desk, path: str = PAGE, *, session: requests.Session | None = None) -> None:
        self.desk, self.path = desk, path
        self.session = session or desk.browser(Role.WRITER)
        self.answer = self.session.get(desk.url + path)
        self.read()

    def read(self) -> None:
        self.page = html.document_fromstring(self.answer.text)
        forms = [each for each in self.page.forms if each.method == "POST"]
        self.fields: list[tuple[str, str]] = list(forms[0].form_values()) if forms else []

    def set(self, name: str, value: str) -> None:
        self.fields = [(key, old) for key, old in self.fields if key != name] + [(name, value)]

    def press(self, act: str) -> requests.Response:
        fields = [*self.fields, ("act", act)]
        self.answer = self.session.post(
            self.desk.url + self.path, data=fields, allow_redirects=False, timeout=10
        )
        if self.answer.status_code != 303:
            self.read()
        return self.answer

    @property
    def count(self) -> str:
        return "".join(self.page.xpath("//*[@class='huge']/text()"))


def data(workspace: Path, slug: str = "abonnes") -> dict[str, object]:
    return tomllib.loads((workspace / f"audiences/{slug}.toml").read_text("utf-8"))


def test_a_condition_is_added_counted_and_saved(network: Desk, workspace: Path) -> None:
    form = Form(network)
    assert form.count == "4"
    form.press("condition:w")
    assert (form.answer.status_code, form.count) == (200, "")
    form.set("w0.field", "organisation.kind")
    form.press("count")
    form.set("w0.value", "ville")
    form.press("count")
    assert form.count == "3"
    assert "where" not in data(workspace)
    assert form.press("save").status_code == 303
    assert data(workspace)["where"] == [{"field": "organisation.kind", "is": "ville"}]
    text = (workspace / "audiences/abonnes.toml").read_text("utf-8")
    assert text.startswith("# Tout le monde")


def test_groups_nest_and_are_removed_whole(network: Desk, workspace: Path) -> None:
    form = Form(network)
    form.press("group:e")
    form.press("group:e:0")
    form.set("e1.value", "Sud")
    form.set("e3.value", "Guyane")
    form.set("e2.junction", "none")
    form.press("save")
    assert data(workspace)["except"] == [
        {
            "any": [
                {"field": "organisation.region", "is": "Sud"},
                {"none": [{"field": "organisation.region", "is": "Guyane"}]},
            ]
        }
    ]
    form = Form(network)
    form.press("remove:e:0")
    form.press("save")
    assert "except" not in data(workspace)


def test_the_guard_is_set_and_never_lifted_here(network: Desk, workspace: Path) -> None:
    form = Form(network)
    form.set("members_only", "yes")
    form.press("save")
    form = Form(network)
    form.fields = [(key, value) for key, value in form.fields if key != "members_only"]
    form.set("title", "Tous")
    form.press("count")
    assert form.count == "3"
    form.press("save")
    assert data(workspace) == {"title": "Tous", "members_only": True}


def test_a_change_of_somebody_else_is_never_overwritten_unseen(network: Desk, workspace: Path) -> None:
    mine, theirs = Form(network), Form(network)
    theirs.set("title", "Les leurs")
    theirs.press("save")
    mine.set("title", "Les miens")
    assert mine.press("save").status_code == 409
    assert ('role="alert"' in mine.answer.text, data(workspace)["title"]) == (True, "Les leurs")
    assert mine.press("save").status_code == 303
    assert data(workspace)["title"] == "Les miens"


def test_comments_that_would_go_are_shown_first(network: Desk, workspace: Path) -> None:
    path = workspace / "audiences/abonnes.toml"
    path.write_text(
        'title = "A"\n# Voir avec Claude.\n[[where]]\nfield = "contact.job"\nis = "presse"\n', "utf-8"
    )
    form = Form(network)
    form.set("w0.value", "élue")
    assert form.press("save").status_code == 409
    assert "# Voir avec Claude." in form.answer.text
    form.set("loses", "yes")
    assert form.press("save").status_code == 303
    assert data(workspace)["where"] == [{"field": "contact.job", "is": "élue"}]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("organisation.population", "mille", "ne convient pas"),
        ("contact.job", "", "Écrivez ou choisissez une valeur"),
        ("in_segment", "abonnes", "abonnes → abonnes"),
    ],
)
def test_what_is_wrong_is_told_beside_its_condition(
    network: Desk, workspace: Path, field: str, value: str, said: str
) -> None:
    before = data(workspace)
    form = Form(network)
    form.press("condition:w")
    form.set("w0.field", field)
    form.set("w0.value", value)
    assert form.press("save").status_code == 422
    assert said in form.page.get_element_by_id("m1").text_content()
    assert data(workspace) == before


@pytest.mark.parametrize(
    "act", ["remove:w:9", "condition:w:0", "group:x:0", "remove:w:", "remove", "nothing", ""]
)
def test_a_button_that_no_page_has_changes_nothing(network: Desk, act: str) -> None:
    form = Form(network)
    assert (form.press(act).status_code, form.count) == (200, "4")


def test_hostile_values_stay_text(network: Desk, workspace: Path) -> None:
    form = Form(network)
    form.press("condition:w")
    form.set("w0.field", "contact.job")
    form.set("w0.value", '"]]\nis = 1 <script>alert(1)</script> {{ 7*7 }}')
    form.press("count")
    assert "<script" not in form.answer.text
    form.set("w0.value", '"] <script> {{ 7*7 }} \\')
    form.press("save")
    assert data(workspace)["where"] == [{"field": "contact.job", "is": '"] <script> {{ 7*7 }} \\'}]


def test_a_file_that_a_form_cannot_show_has_no_form(network: Desk, workspace: Path) -> None:
    path = workspace / "audiences/abonnes.toml"
    path.write_text('title = "A"\n[[where]]\nfield = "contact.job"\nis = "a\\nb"\n', "utf-8")
    form = Form(network)
    assert (form.answer.status_code, form.fields) == (200, [])


def test_a_new_audience_begins_with_a_copy_and_its_guard(network: Desk, workspace: Path) -> None:
    session = network.browser(Role.WRITER)
    values = {"title": "Occitanie", "slug": "occitanie", "like": "adherents-occitanie-commande-publique"}
    assert network.post(session, "/audiences/nouvelle/creer", **values).status_code == 303
    found = data(workspace, "occitanie")
    assert (found["title"], found["members_only"], len(found["where"])) == ("Occitanie", True, 2)  # type: ignore[arg-type]
    again = network.post(session, "/audiences/nouvelle/creer", **values)
    assert (again.status_code, 'value="Occitanie"' in again.text) == (422, True)
    for slug in ("../x", "A b", ""):
        assert (
            network.post(session, "/audiences/nouvelle/creer", **{**values, "slug": slug}).status_code == 422
        )


def test_two_audiences_are_compared_and_readers_see_numbers_only(network: Desk) -> None:
    path = "/audiences/abonnes/comparer?avec=adherents"
    text = network.browser(Role.WRITER).get(network.url + path).text
    page = html.document_fromstring(text)
    assert [each.text for each in page.xpath("//p/b[@class='num']")] == ["1", "3", "0"]
    assert "bo@martigues.example" in text
    assert "@martigues.example" not in network.browser(Role.READER).get(network.url + path).text


def test_what_changed_since_the_last_letter_is_counted(network: Desk) -> None:
    add_send(network.mailer, state=SendState.DONE)
    page = html.document_fromstring(network.browser().get(f"{network.url}/audiences/adherents/comparer").text)
    assert "Elle a été envoyée à 120 personnes" in page.text_content()
    assert [each.text for each in page.xpath("//p/b[@class='num']")] == ["0", "119"]
