"""The API held against its own description: whatever is sent, no failure of ours and no answer that it does not name."""

from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from mailer.web.api.access import Pace
from mailer.web.public import NetworkLimit
from tests.api.conftest import HOST, Api

#: No description can say which nine digits are a SIREN, which text is an address, which cursor is ours.
_UNSAYABLE = [positive_data_acceptance]
_QUICK = 12
_LONG = 400


def _hold(api: Api, examples: int) -> int:
    """Send `examples` made-up requests to each operation; how many operations there are."""
    below = next(route.app for route in api.app.routes if getattr(route, "name", "") == "api")
    # How often one may ask has a test of its own.
    below.state.pace = Pace(1_000_000, api.clock)
    below.state.failures = NetworkLimit(1_000_000, api.clock)
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", api.app)
    operations = [each.ok() for each in schema.get_all_operations()]
    for operation in operations:
        _storm(operation, api, examples)
    return len(operations)


def _storm(operation: Any, api: Api, examples: int) -> None:
    headers = {"Authorization": f"Bearer {api.secret}"}

    @hypothesis.given(case=operation.as_strategy())
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def held(case: Any) -> None:
        answer = case.call(session=api.session, headers=headers)
        case.validate_response(answer, headers=headers, excluded_checks=_UNSAYABLE)

    held()


def test_every_operation_answers_as_described(api: Api) -> None:
    assert _hold(api, _QUICK) == 15


@pytest.mark.long
def test_every_operation_answers_as_described_for_long(api: Api) -> None:
    assert _hold(api, _LONG) == 15


def test_the_description_is_openapi_3_1_and_needs_no_token(api: Api) -> None:
    found = api.session.get(f"{HOST}/openapi.json").json()
    assert found["openapi"].startswith("3.1")
    assert found["servers"] == [{"url": "/api/v1"}]
    assert found["components"]["securitySchemes"]["token"] == {
        "type": "http",
        "scheme": "bearer",
        "description": "A token made at the desk: `relais_…`",
    }


def test_the_page_names_every_operation_and_asks_nobody_else(api: Api) -> None:
    page = api.session.get(f"{HOST}/docs", headers={"Accept-Language": "fr"})
    assert page.status_code == 200
    for path in api.session.get(f"{HOST}/openapi.json").json()["paths"]:
        assert path in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text
    assert "://" not in page.text.replace("http://testserver", "").replace("https://…", "")


@pytest.mark.parametrize(
    ("path", "method", "status"), [("/nothing", "GET", 404), ("/contacts", "DELETE", 405)]
)
def test_what_is_not_there_is_a_problem_too(api: Api, path: str, method: str, status: int) -> None:
    answer = api.ask(method, path)
    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_body_longer_than_any_of_ours_is_not_read(api: Api) -> None:
    body = {"address": "a@b.example", "source": "x" * 100_000}
    assert api.ask("PUT", "/contacts", body).status_code == 413


def test_problems_speak_the_language_that_is_asked_for(api: Api) -> None:
    assert "Il n’y a" in api.ask("GET", "/contacts/999", Accept_Language="fr").json()["title"]
    assert api.ask("GET", "/contacts/999", Accept_Language="en").json()["title"] == "There is no such thing."
