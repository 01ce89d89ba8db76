"""Organisations through the API, with their periods of membership."""

from tests.api.conftest import Api

NEW = {
    "siren": "200054781",
    "name": "Métropole du Grand Paris",
    "kind": "intercommunalite",
    "memberships": [{"from_on": "2020-01-01"}, {"from_on": "2016-01-01", "until_on": "2018-12-31"}],
}


def test_an_organisation_is_created_once_with_its_periods_in_order(api: Api) -> None:
    first, again = api.ask("PUT", "/organisations", NEW), api.ask("PUT", "/organisations", NEW)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert [each["from_on"] for each in first.json()["memberships"]] == ["2016-01-01", "2020-01-01"]


def test_memberships_that_are_not_given_stay_and_those_that_are_replace(api: Api) -> None:
    etag = api.ask("PUT", "/organisations", NEW).headers["ETag"]
    named = {"siren": NEW["siren"], "name": "Grand Paris"}
    changed = api.ask("PUT", "/organisations", named, If_Match=etag)
    assert (changed.json()["name"], len(changed.json()["memberships"])) == ("Grand Paris", 2)
    path = f"/organisations/{changed.json()['id']}"
    ended = [{"from_on": "2020-01-01", "until_on": "2026-01-01"}]
    found = api.ask("PATCH", path, {"memberships": ended}, If_Match=changed.headers["ETag"]).json()
    assert found["memberships"] == ended


def test_a_membership_given_by_the_api_opens_what_is_for_members(api: Api) -> None:
    before = api.mailer.audience("adherents", topic="flash").count
    former = api.ask("GET", "/organisations?siren=356000000").json()["items"][0]
    periods = [*former["memberships"], {"from_on": "2026-01-01"}]
    answer = api.ask("PATCH", f"/organisations/{former['id']}", {"memberships": periods}, If_Match="*")
    assert answer.status_code == 200
    assert api.mailer.audience("adherents", topic="flash").count == before + 1


def test_periods_that_cannot_be_are_refused(api: Api) -> None:
    for wrong in (
        [{"from_on": "2020-01-01", "until_on": "2019-01-01"}],
        [{"from_on": "2020-01-01"}, {"from_on": "2020-01-01", "until_on": "2021-01-01"}],
        [{"from_on": "2021-01-01"}, {"from_on": "2020-01-01"}],
        [{"from_on": "2021-01-01"}, {"from_on": "2020-01-01", "until_on": "2021-01-01"}],
    ):
        assert api.ask("PUT", "/organisations", {**NEW, "memberships": wrong}).status_code == 422
    assert api.ask("PUT", "/organisations", {"name": "Sans numéro"}).status_code == 422
    assert api.ask("PUT", "/organisations", {"name": "X", "siren": "123456789"}).status_code == 422


def test_lists_are_filtered(api: Api) -> None:
    found = api.ask("GET", "/organisations?kind=ville").json()["items"]
    assert {each["name"] for each in found} == {"Ville de Martigues", "Ville de Cayenne"}
