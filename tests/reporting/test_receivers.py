"""Who keeps the recipients' mailboxes: counted by domain, the sum is what was planned."""

import json

import pytest

from mailer.app.receivers import Receivers
from mailer.i18n import NARROW_SPACE, NO_BREAK_SPACE, Translator
from mailer.model.columns import table
from mailer.model.people import Contact
from mailer.model.receivers import OTHERS, RECEIVERS, ReceiverCount
from mailer.reporting import as_json, as_text
from mailer.store import Store, receivers
from tests.conftest import REPOSITORY
from tests.reporting.sent import BEGAN, Sent

BY_CODE = {each.code: each for each in RECEIVERS}
ADDRESSES = {
    "google": ["a@gmail.com", "b@googlemail.com"],
    "microsoft": ["c@hotmail.fr", "d@outlook.com", "e@live.fr", "f@msn.com"],
    "yahoo": ["g@yahoo.fr", "h@aol.com"],
    "orange": ["i@orange.fr", "j@wanadoo.fr"],
    "laposte": ["k@laposte.net"],
    "free": ["l@free.fr"],
    "sfr": ["m@sfr.fr", "n@neuf.fr", "o@cegetel.net"],
    # Neither the end of a domain nor what stands before the @ makes a mailbox of a receiver.
    OTHERS: ["p@notgmail.com", "q@gmail.com.ville.example", "gmail.com@ville.example", "r@mail.orange.fr.example"],
}  # fmt: skip
EXPECTED = {code: len(those) for code, those in ADDRESSES.items()}


def test_every_domain_belongs_to_one_receiver() -> None:
    domains = [domain for each in RECEIVERS for domain in each.domains]
    assert len(domains) == len(set(domains))
    assert all(domain == domain.lower() for domain in domains)


def test_a_number_that_is_watched_has_its_source_and_what_is_asked() -> None:
    assert {each.code: each.above for each in RECEIVERS if each.above} == {
        "google": 5_000,
        "microsoft": 5_000,
        "orange": 1_000,
    }
    assert all(each.source and each.needs for each in RECEIVERS if each.above)


def test_every_receiver_is_documented_with_its_number() -> None:
    page = (REPOSITORY / "docs/reference/report.md").read_text("utf-8")
    section = page.partition("## Receivers")[2].partition("## ")[0]
    for each in RECEIVERS:
        [line] = [row for row in section.splitlines() if f"`{each.code}`" in row.partition(" | ")[0]]
        assert not each.above or f"{each.above:,} a day" in line


def test_recipients_of_a_send_are_told_apart_by_their_domain(sent: Sent) -> None:
    for those in ADDRESSES.values():
        for address in those:
            sent.add(1, address=address)
    with sent.store.read() as tx:
        assert receivers.of_send(tx, sent.send_id) == EXPECTED
    assert sum(EXPECTED.values()) == sent.report.letter.planned


def test_a_send_that_nobody_is_in_yet_counts_nobody(sent: Sent) -> None:
    with sent.store.read() as tx:
        assert set(receivers.of_send(tx, sent.send_id).values()) == {0}


@pytest.mark.parametrize("every", [1, 2], ids=["everybody", "every other"])
def test_people_of_an_audience_are_told_apart_before_anything_is_planned(store: Store, every: int) -> None:
    with store.write() as tx:
        rows = [_person(address) for address in ("a@gmail.com", "b@ville.example", "c@orange.fr", "d@sfr.fr")]
        tx.execute(table(Contact).insert(), rows)
        ids = sorted(tx.execute(table(Contact).select()).scalars())[::every]
        found = receivers.of_contacts(tx, ids)
    named = {code: count for code, count in found.items() if count}
    whole = {"google": 1, OTHERS: 1, "orange": 1, "sfr": 1}
    assert named == (whole if every == 1 else {"google": 1, "orange": 1})


def test_a_letter_is_over_only_above_the_number() -> None:
    orange = BY_CODE["orange"]
    assert not ReceiverCount(orange, 1_000).is_over
    assert ReceiverCount(orange, 1_001).is_over
    assert not ReceiverCount(BY_CODE[OTHERS], 1_000_000).is_over


def test_an_audience_below_every_number_needs_no_look(store: Store) -> None:
    store.close()
    assert Receivers(store).over_in(range(1, 1_001)) == ()


def test_an_audience_over_a_number_is_warned_about(store: Store) -> None:
    with store.write() as tx:
        tx.execute(table(Contact).insert(), [_person(f"p{n}@wanadoo.fr") for n in range(1_001)])
        ids = sorted(tx.execute(table(Contact).select()).scalars())
    [found] = Receivers(store).over_in(ids)
    assert (found.receiver.code, found.count) == ("orange", 1_001)
    assert Receivers(store).over_in(ids[:1_000]) == ()


def test_json_gives_every_receiver_and_the_text_only_what_is_over(sent: Sent) -> None:
    sent.add(3, outcome="delivered")
    counts = [ReceiverCount(BY_CODE["google"], 5_000), ReceiverCount(BY_CODE["orange"], 1_204)]
    found = json.loads(json.dumps(as_json(sent.report, counts)))["receivers"]
    assert found[1] == {"receiver": "orange", "recipients": 1204, "above": 1000, "is_over": True}
    assert found[0]["is_over"] is False
    text = (
        as_text(sent.report, Translator("fr"), counts).replace(NO_BREAK_SPACE, " ").replace(NARROW_SPACE, " ")
    )
    assert "Orange, Wanadoo : 1 204 destinataires, plus de 1 000 par jour" in text
    assert "Signal Spam" in text
    assert "Google" not in text


def _person(address: str) -> dict[str, object]:
    return {
        "address": address, "first_name": "", "last_name": "", "job": "", "language": "fr", "source": "",
        "tracking": "unknown", "attributes": {}, "created_at": BEGAN, "updated_at": BEGAN,
    }  # fmt: skip
