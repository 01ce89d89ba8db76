"""What protects the desk: roles, CSRF, hosts, headers. The table of routes is the whole application."""

import re

import pytest
import requests

from mailer.model.accounts import Role
from mailer.model.ledger import SendState
from mailer.web.application import DESK
from mailer.web.roles import ORDER, ROUTES, is_allowed
from tests.conftest import REPOSITORY
from tests.web.conftest import Desk
from tests.web.data import add_send
from tests.web.routes import ACTS, LETTER, OPEN, OPEN_PATHS, PATHS, SCRIPTS, names, rights


def test_every_route_is_open_on_purpose_or_has_its_role() -> None:
    assert names() == OPEN | set(ROUTES)
    assert set(PATHS) | set(ACTS) == set(ROUTES)


def test_nothing_is_served_beside_the_desk_but_the_open_paths(desk: Desk) -> None:
    beside = [getattr(route, "path", None) for route in desk.app.routes]
    assert {path for path in beside if path} == OPEN_PATHS
    assert beside.count(None) == len(DESK)


def test_a_route_without_a_role_is_refused_to_everybody() -> None:
    assert not any(is_allowed(role, "a route nobody thought of") for role in ORDER)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_does_what_the_table_says(desk: Desk, role: Role) -> None:
    for route, path in PATHS.items():
        refused = desk.browser(role).get(desk.url + path).status_code == 403
        assert refused is not is_allowed(role, route), route
    for route, path in ACTS.items():
        refused = desk.post(desk.browser(role), path).status_code == 403
        assert refused is not is_allowed(role, route), route


def test_nobody_does_anything_but_come_in(desk: Desk) -> None:
    for path in PATHS.values():
        answer = requests.get(desk.url + path, allow_redirects=False)
        assert answer.headers.get("Location", "").startswith("/connexion"), path
    for path in ACTS.values():
        answer = requests.post(desk.url + path, headers={"Origin": desk.url}, allow_redirects=False)
        assert answer.headers.get("Location", "").startswith("/connexion"), path


def test_the_page_of_rights_says_what_the_table_says() -> None:
    page = (REPOSITORY / "docs/reference/rights.md").read_text("utf-8")
    assert [line for line in page.splitlines() if line.startswith("| `")] == rights()


@pytest.mark.parametrize("path", ACTS.values())
def test_a_form_needs_the_token_of_its_session(desk: Desk, path: str) -> None:
    session = desk.browser()
    assert session.post(desk.url + path, data={"csrf": "guessed"}).status_code == 403
    assert session.post(desk.url + path).status_code == 403


def test_the_token_of_another_session_opens_nothing(desk: Desk) -> None:
    mine, other = desk.browser(), desk.browser(Role.READER)
    form = {"csrf": str(other.headers["X-Test-Csrf"]), "theme": "dark"}
    assert mine.post(desk.url + ACTS["change_theme"], data=form).status_code == 403


def test_a_form_of_another_site_is_refused_with_a_right_token(desk: Desk) -> None:
    session = desk.browser()
    session.headers["Origin"] = "https://elsewhere.example"
    assert desk.post(session, ACTS["change_theme"], theme="dark").status_code == 403
    del session.headers["Origin"]
    assert desk.post(session, ACTS["change_theme"], theme="dark").status_code == 403


def test_an_unknown_host_is_refused(desk: Desk) -> None:
    assert requests.get(f"{desk.url}/health", headers={"Host": "elsewhere.example"}).status_code == 400


def test_every_page_forbids_scripts_frames_and_sniffing(desk: Desk) -> None:
    session = desk.browser()
    for path in (*PATHS.values(), "/connexion", "/static/desk.css", "/nowhere"):
        headers = session.get(desk.url + path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"], path
        assert "frame-ancestors" in headers["Content-Security-Policy"], path
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Robots-Tag"] == "noindex"


def test_an_unexpected_failure_is_a_page_with_the_same_protection(desk: Desk) -> None:
    def broken() -> None:
        raise ZeroDivisionError("secret detail")

    desk.app.add_api_route("/broken", broken)
    answer = requests.get(f"{desk.url}/broken")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_form_longer_than_any_of_ours_is_not_read(desk: Desk) -> None:
    form = {"address": "a" * 100_000, "password": "b"}
    answer = requests.post(f"{desk.url}/connexion", data=form, headers={"Origin": desk.url})
    assert answer.status_code == 413


def test_a_preview_has_no_origin_and_no_network(desk: Desk) -> None:
    policy = desk.browser().get(desk.url + PATHS["letter_preview"]).headers["Content-Security-Policy"]
    assert policy.startswith("sandbox;")
    assert "img-src data:" in policy
    assert "frame-ancestors 'self'" in policy


def test_pages_hold_no_inline_style_and_no_script_but_those_named_here(desk: Desk) -> None:
    session = desk.browser()
    for route, path in PATHS.items():
        text = (
            session.get(desk.url + path).text
            if route not in {"letter_preview", "compose_preview", "result_links"}
            else ""
        )
        expected = SCRIPTS.get(route, [])
        assert re.findall(r"<script[^>]*>[^<]*", text) == expected, path
        assert " style=" not in text


def test_the_composer_runs_our_own_files_and_its_preview_runs_nothing(desk: Desk) -> None:
    session = desk.browser()
    page = session.get(desk.url + PATHS["compose"])
    assert not re.search(r"\son[a-z]+=", page.text)
    assert 'sandbox="allow-same-origin"' in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self'; connect-src 'self'" in policy
    assert "unsafe" not in policy
    preview = session.get(desk.url + PATHS["compose_preview"]).headers["Content-Security-Policy"]
    assert preview.startswith("sandbox allow-same-origin; default-src 'none'; ")
    assert "script" not in preview
    assert "form-action 'none'" in preview


def test_the_sheet_that_is_printed_runs_our_own_file_and_asks_nobody(desk: Desk) -> None:
    policy = desk.browser().get(desk.url + PATHS["year"]).headers["Content-Security-Policy"]
    assert policy.endswith("; script-src 'self'")
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy


def test_a_page_that_renews_itself_runs_our_own_file_and_nothing_else(desk: Desk) -> None:
    add_send(desk.mailer, state=SendState.SENDING)
    session = desk.browser()
    for path in ("/", LETTER, "/resultats/flash/2026-06-11"):
        answer = session.get(desk.url + path)
        assert re.findall(r"<script[^>]*>[^<]*", answer.text) == ['<script src="/static/live.js" defer>'], (
            path
        )
        assert not re.search(r"\son[a-z]+=", answer.text), path
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'; connect-src 'self'" in policy
        assert "unsafe" not in policy
    assert "script-src" not in session.get(f"{desk.url}/lettres").headers["Content-Security-Policy"]


def test_health_needs_no_login(desk: Desk) -> None:
    assert requests.get(f"{desk.url}/health").json() == {"status": "ok"}


def test_an_unknown_page_says_so(desk: Desk) -> None:
    answer = requests.get(f"{desk.url}/nowhere")
    assert answer.status_code == 404
    assert "404" in answer.text
