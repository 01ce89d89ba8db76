"""Subscribing through the API: whoever left comes back by a new consent only."""

from datetime import timedelta

from mailer.app import persons
from mailer.store import exclusions, signups
from tests.api.conftest import Api
from tests.conftest import NOW

ANNE, BO, ELIE = "anne@martigues.example", "bo@martigues.example", "elie@passe.example"
SAID = {"source": "formulaire du site"}


def states(api: Api, number: int) -> dict[str, str]:
    rows = api.ask("GET", f"/contacts/{number}/subscriptions").json()
    return {each["topic"]: each["state"] for each in rows}


def test_whoever_said_nothing_yet_is_subscribed_once(api: Api) -> None:
    number = api.number(BO)
    path = f"/contacts/{number}/subscriptions/flash"
    assert api.ask("PUT", path, SAID).json()["state"] == "subscribed"
    assert api.ask("PUT", path, SAID).status_code == 200
    changes = persons.find(api.mailer, BO)["subscription_changes"]
    assert [(each["topic"], each["source"]) for each in changes][-1] == ("flash", SAID["source"])
    assert len([each for each in changes if each["topic"] == "flash"]) == 1


def test_leaving_is_immediate_and_may_be_repeated(api: Api) -> None:
    number = api.number(ANNE)
    leave = f"/contacts/{number}/unsubscribe"
    for _ in range(2):
        assert api.ask("POST", leave, {**SAID, "topic": "newsletter"}).status_code == 204
    assert states(api, number) == {"newsletter": "unsubscribed", "flash": "subscribed"}
    assert api.ask("POST", leave, SAID).status_code == 204
    assert states(api, number) == {"newsletter": "unsubscribed", "flash": "unsubscribed"}


def test_whoever_left_comes_back_by_a_consent_of_afterwards_only(api: Api) -> None:
    number = api.number(ANNE)
    path = f"/contacts/{number}/subscriptions/newsletter"
    api.ask("POST", f"/contacts/{number}/unsubscribe", {**SAID, "topic": "newsletter"})
    assert api.ask("PUT", path, SAID).json()["code"] == "refused"

    def proof(at: str) -> dict[str, object]:
        return {**SAID, "consent": {"wording": "J’accepte (v3)", "given_at": at}}

    assert api.ask("PUT", path, proof("2026-06-11T06:59:00Z")).status_code == 409
    api.clock.advance(timedelta(days=1))
    assert api.ask("PUT", path, proof("2030-01-01T00:00:00Z")).status_code == 422
    assert api.ask("PUT", path, proof("2026-06-12T06:00:00Z")).status_code == 200
    assert states(api, number)["newsletter"] == "subscribed"
    assert api.ask("GET", f"/contacts/{number}").json()["exclusions"] == []
    assert "J’accepte (v3)" in persons.find(api.mailer, ANNE)["subscription_changes"][-1]["evidence"]


def test_whoever_left_everything_comes_back_to_one_topic(api: Api) -> None:
    number = api.number(ANNE)
    api.ask("POST", f"/contacts/{number}/unsubscribe", SAID)
    api.clock.advance(timedelta(days=1))
    proof = {"wording": "v3", "given_at": "2026-06-12T06:00:00Z"}
    api.ask("PUT", f"/contacts/{number}/subscriptions/newsletter", {**SAID, "consent": proof})
    scopes = {each["scope"] for each in api.ask("GET", f"/contacts/{number}").json()["exclusions"]}
    assert "newsletter" not in scopes
    assert "flash" in scopes


def test_after_a_complaint_or_an_exclusion_no_proof_helps(api: Api) -> None:
    api.clock.advance(timedelta(days=1))
    proof = {**SAID, "consent": {"wording": "v3", "given_at": "2026-06-12T06:00:00Z"}}
    bo = api.number(BO)
    api.ask("POST", f"/contacts/{bo}/exclusions", SAID)
    for number in (bo, api.number(ELIE)):
        for body in (proof, {**SAID, "confirm": True}):
            answer = api.ask("PUT", f"/contacts/{number}/subscriptions/newsletter", body)
            assert (answer.status_code, answer.json()["code"]) == (409, "refused")


def test_a_confirmation_by_mail_subscribes_nobody_yet(api: Api) -> None:
    number = api.number(BO)
    path = f"/contacts/{number}/subscriptions/flash"
    answer = api.ask("PUT", path, {**SAID, "confirm": True})
    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    assert "flash" not in states(api, number)
    with api.mailer.store.read() as tx:
        assert [each.address for each in signups.waiting(tx, at=NOW, limit=9)] == [BO]
    for _ in range(2):
        api.ask("PUT", path, {**SAID, "confirm": True})
    assert api.ask("PUT", path, {**SAID, "confirm": True}).status_code == 429


def test_whoever_left_gets_one_mail_of_a_program_and_no_second(api: Api) -> None:
    number = api.number(ANNE)
    body = {**SAID, "confirm": True}
    for _ in range(2):
        api.clock.advance(timedelta(days=4))
        api.ask("POST", f"/contacts/{number}/unsubscribe", SAID)
        assert api.ask("PUT", f"/contacts/{number}/subscriptions/flash", body).status_code == 202
        api.clock.advance(timedelta(days=4))
        api.mailer.signups.purge()
        for topic in ("flash", "newsletter"):
            answer = api.ask("PUT", f"/contacts/{number}/subscriptions/{topic}", body)
            assert (answer.status_code, answer.json()["code"]) == (409, "refused")
        # They come back by themselves, and leave once more.
        consent = {"wording": "v3", "given_at": api.clock.now().isoformat()}
        api.ask("PUT", f"/contacts/{number}/subscriptions/flash", {**SAID, "consent": consent})


def test_a_topic_that_no_campaign_has_is_not_found(api: Api) -> None:
    number = api.number(BO)
    assert api.ask("PUT", f"/contacts/{number}/subscriptions/nothing", SAID).status_code == 404
    assert api.ask("POST", f"/contacts/{number}/exclusions", {**SAID, "scope": "nothing"}).status_code == 404


def test_the_members_only_guard_does_not_ask_the_api(api: Api) -> None:
    number = api.number("cleo@cayenne.example")
    before = api.mailer.audience("adherents", topic="flash").count
    driss = api.number("driss@passe.example")
    for each in (number, driss):
        assert api.ask("PUT", f"/contacts/{each}/subscriptions/flash", SAID).status_code == 200
    # One is a member's; the other's membership is over, whatever they are subscribed to.
    assert api.mailer.audience("adherents", topic="flash").count == before + 1


def test_an_exclusion_is_by_hand_and_says_who(api: Api) -> None:
    number = api.number(BO)
    api.ask("POST", f"/contacts/{number}/exclusions", SAID)
    with api.mailer.store.read() as tx:
        assert exclusions.barred_scopes(tx, [BO]) == {"*"}
