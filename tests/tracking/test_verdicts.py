"""Real user agents and what they mean (rules O4 to O11)."""

import pytest

from mailer.model.events import Verdict
from mailer.tracking import classify
from tests.tracking import agents

SOON, LATER = 30.0, 3 * 3600.0


@pytest.mark.parametrize(
    "agent",
    [
        agents.FIREFOX, agents.THUNDERBIRD, agents.OUTLOOK, agents.IPHONE_MAIL, agents.SAFARI, agents.EDGE,
        agents.ANDROID,
    ],
)  # fmt: skip
@pytest.mark.parametrize("since", [SOON, LATER])
def test_mail_clients_and_browsers_are_people(agent: str, since: float) -> None:
    assert classify(agent, since_delivery=since) is Verdict.HUMAN


@pytest.mark.parametrize("agent", [agents.GMAIL, agents.YAHOO])
@pytest.mark.parametrize("since", [SOON, LATER])
def test_proxies_that_load_at_reading_time_are_opens(agent: str, since: float) -> None:
    assert classify(agent, since_delivery=since) is Verdict.PROXY


@pytest.mark.parametrize(
    "agent",
    [agents.GMAIL_PREFETCH, agents.CURL, agents.REQUESTS, agents.GOOGLEBOT, agents.BARRACUDA, "", "  "],
)
def test_prefetches_tools_and_crawlers_are_machines(agent: str) -> None:
    assert classify(agent, since_delivery=LATER) is Verdict.MACHINE


@pytest.mark.parametrize("agent", [agents.APPLE_PROXY, agents.APPLE_WEBKIT])
def test_a_bare_agent_is_a_machine_only_while_the_mail_is_being_delivered(agent: str) -> None:
    assert classify(agent, since_delivery=SOON) is Verdict.MACHINE
    assert classify(agent, since_delivery=LATER) is Verdict.PROXY


def test_a_head_request_is_a_machine_whoever_it_says_it_is() -> None:
    assert classify(agents.FIREFOX, method="HEAD", since_delivery=LATER) is Verdict.MACHINE


def test_an_agent_nobody_knows_is_neither_a_person_nor_a_machine() -> None:
    assert classify("Courrielleur/2.1", since_delivery=LATER) is Verdict.PROXY
