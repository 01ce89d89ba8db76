"""Who may ask what: only a token in its header, only within its scopes, only while it holds."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from mailer.app import access
from mailer.model.access import Scope
from mailer.model.accounts import Role
from mailer.store import accounts, acts
from mailer.web.api.access import Pace
from mailer.web.visits import LIFETIME
from tests.api.conftest import ADMINISTRATOR, Api
from tests.conftest import NOW

#: Every operation with the scope that it needs, written out: the code is held against this.
RIGHTS = {
    ("GET", "/contacts"): "contacts:read",
    ("PUT", "/contacts"): "contacts:write",
    ("POST", "/contacts/search"): "contacts:read",
    ("GET", "/contacts/{contact_id}"): "contacts:read",
    ("PATCH", "/contacts/{contact_id}"): "contacts:write",
    ("POST", "/contacts/{contact_id}/tracking"): "contacts:write",
    ("POST", "/contacts/{contact_id}/exclusions"): "subscriptions:write",
    ("GET", "/organisations"): "organisations:read",
    ("PUT", "/organisations"): "organisations:write",
    ("GET", "/organisations/{organisation_id}"): "organisations:read",
    ("PATCH", "/organisations/{organisation_id}"): "organisations:write",
    ("GET", "/subscriptions"): "subscriptions:read",
    ("GET", "/contacts/{contact_id}/subscriptions"): "subscriptions:read",
    ("PUT", "/contacts/{contact_id}/subscriptions/{topic}"): "subscriptions:write",
    ("POST", "/contacts/{contact_id}/unsubscribe"): "subscriptions:write",
}


def paths() -> Iterator[tuple[str, str, str]]:
    for (method, path), scope in RIGHTS.items():
        filled = path.format(contact_id=1, organisation_id=1, topic="newsletter")
        yield method, filled, scope


def test_the_matrix_names_every_operation(api: Api) -> None:
    found = api.ask("GET", "/openapi.json").json()["paths"]
    described = {
        (name.upper(), path): each["x-scope"] for path, item in found.items() for name, each in item.items()
    }
    assert described == RIGHTS


def test_each_scope_opens_its_own_operations_and_no_other(api: Api) -> None:
    tokens = {scope: api.token(scope) for scope in Scope}
    for method, path, needed in paths():
        for scope, token in tokens.items():
            # A body that cannot be read: nothing is written, and the right is asked for before it is looked at.
            refused = api.ask(method, path, {"unknown": 1}, token=token).status_code == 403
            reads = needed.endswith(":read") and scope.value == needed.replace(":read", ":write")
            assert refused is not (scope.value == needed or reads), (method, path, scope)


def test_without_a_token_every_operation_is_closed_also_with_a_session_of_the_desk(api: Api) -> None:
    with api.mailer.store.write() as tx:
        user = accounts.create_user(tx, ADMINISTRATOR, role=Role.ADMINISTRATOR, at=NOW)
        assert user.id is not None
        api.session.cookies.set("relais", accounts.create_session(tx, user.id, at=NOW, lifetime=LIFETIME))
    for method, path, _ in paths():
        answer = api.ask(method, path, {}, token="")
        assert answer.status_code == 401, path
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_in_the_address_opens_nothing(api: Api) -> None:
    path = f"/contacts?token={api.secret}&access_token={api.secret}"
    assert api.ask("GET", path, token="").status_code == 401


def test_a_token_that_is_over_or_revoked_is_refused_at_once(api: Api) -> None:
    number, secret = access.create(api.mailer, name="x", scopes=["contacts:read"], days=1, by=ADMINISTRATOR)
    assert api.ask("GET", "/contacts", token=secret).status_code == 200
    access.revoke(api.mailer, number, by=ADMINISTRATOR)
    assert api.ask("GET", "/contacts", token=secret).status_code == 401
    short = api.token(days=1)
    api.clock.advance(timedelta(days=1))
    assert api.ask("GET", "/contacts", token=short).status_code == 401


def test_only_the_digest_is_kept_and_the_day_of_use(api: Api) -> None:
    number, secret = access.create(api.mailer, name="x", scopes=["contacts:read"], days=1, by=ADMINISTRATOR)
    kept = next(each for each in access.every(api.mailer) if each.id == number)
    assert secret not in str(kept.model_dump())
    assert kept.last_used_on is None
    api.ask("GET", "/contacts", token=secret)
    kept = next(each for each in access.every(api.mailer) if each.id == number)
    assert str(kept.last_used_on) == "2026-06-11"


@pytest.mark.parametrize("token", ["relais_x", "é", "a" * 5000, "relais_ or 1=1"])
def test_a_guess_is_refused(api: Api, token: str) -> None:
    assert api.ask("GET", "/contacts", token=token.encode().decode("latin-1")).status_code == 401


def test_a_token_that_asks_too_often_waits(api: Api) -> None:
    most = 3
    below = next(route.app for route in api.app.routes if getattr(route, "name", "") == "api")
    below.state.pace = Pace(most, api.clock)
    token = api.token(Scope.CONTACTS_READ)
    statuses = [api.ask("GET", "/contacts/0", token=token).status_code for _ in range(most)]
    assert set(statuses) == {422}
    answer = api.ask("GET", "/contacts", token=token)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    api.clock.advance(timedelta(minutes=1))
    assert api.ask("GET", "/contacts", token=token).status_code == 200


def test_every_change_is_in_the_log_of_acts_without_an_address(api: Api) -> None:
    number = api.number("bo@martigues.example")
    api.ask("PATCH", f"/contacts/{number}", {"job": "édition"}, If_Match="*")
    with api.mailer.store.read() as tx:
        found = acts.about(tx, f"contact {number}")
    assert [(each.by, each.act, each.detail) for each in found] == [("api:site", "api-change", "job")]
