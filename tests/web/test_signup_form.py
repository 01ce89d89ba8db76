"""The sign-up form on the desk: its HTML is a whole form that the public page takes."""

from pathlib import Path

import requests
from lxml import html

from mailer.model.accounts import Role
from mailer.model.people import SignupRequest
from tests.subscribing.people import rows
from tests.web.conftest import Desk

PAGE = "/inscriptions"


def test_the_copied_form_is_taken_from_another_site(desk: Desk) -> None:
    page = html.document_fromstring(desk.browser(Role.READER).get(desk.url + PAGE).text)
    copied = html.document_fromstring(page.get_element_by_id("html-fr").text or "")
    (form,) = copied.forms
    assert form.action == f"{desk.url}/inscription"
    assert {each.get("value") for each in form.xpath(".//input[@type='checkbox']")} == {"newsletter", "flash"}
    assert not copied.xpath("//script | //link | //img | //*[@style]")
    values = {**dict(form.form_values()), "address": "alix@ville.example", "topic": "flash"}
    answer = requests.post(form.action, data=values, headers={"Origin": "https://ville.example"}, timeout=10)
    assert answer.status_code == 200
    assert rows(desk.mailer.store, SignupRequest, "address", "language") == [("alix@ville.example", "fr")]


def test_a_title_cannot_become_markup_in_the_copied_form(desk: Desk, workspace: Path) -> None:
    path = workspace / "campaigns/flash/campaign.toml"
    path.write_text(path.read_text("utf-8").replace("Flash hebdo", "</textarea><script>1</script>"), "utf-8")
    text = desk.browser().get(desk.url + PAGE).text
    assert "<script" not in text
    assert "&amp;lt;script" in text
    assert "<script" not in desk.browser().get(f"{desk.url}/inscription").text


def test_without_a_topic_the_form_is_closed_and_the_desk_says_why(desk: Desk) -> None:
    desk.mailer.settings.signup.topics[:] = ["gone"]
    text = desk.browser().get(desk.url + PAGE).text
    assert "signup.topics" in text
    assert "gone" in text
    assert requests.get(f"{desk.url}/inscription", timeout=10).status_code == 404
