"""What one mail in the bounce mailbox says: fields decide, prose never, and without our key nothing follows."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.model.mail import Kind, ProviderEvent
from mailer.providers.bounce_reports import MOST_BYTES, Report, read_report
from tests.providers.bounce_mails import QMAIL, complaint, failed, letter, report
from tests.providers.samples import KEY, NOW


def read(raw: bytes) -> list[ProviderEvent]:
    found = read_report(raw, now=NOW)
    assert found is not None, "taken for a person's letter"
    return list(found.events)


def one(raw: bytes) -> ProviderEvent:
    [event] = read(raw)
    return event


@pytest.mark.parametrize(
    ("fields", "kind", "code"),
    [
        (failed("5.1.1"), Kind.HARD_BOUNCE, "5.1.1"),
        (failed("5.2.1 (mailbox disabled)"), Kind.HARD_BOUNCE, "5.2.1"),
        (failed("5.2.2"), Kind.HARD_BOUNCE, "5.2.2"),
        (failed("5.0.0", "550 5.1.1 unknown user"), Kind.HARD_BOUNCE, "5.1.1"),
        (failed("5.0.0", "552 5.2.2 mailbox full"), Kind.HARD_BOUNCE, "5.2.2"),
        (failed("5.0.0", "550 no such user"), Kind.HARD_BOUNCE, "5.0.0"),
        (failed("5.7.1", "550 5.1.1 unknown user"), Kind.HARD_BOUNCE, "5.7.1"),
        (failed("", "550 unknown user"), Kind.HARD_BOUNCE, "550"),
        (failed("4.4.7"), Kind.SOFT_BOUNCE, "4.4.7"),
        (failed("", "went wrong"), Kind.SOFT_BOUNCE, None),
        (failed("5.1.1").replace("failed", "delayed"), Kind.DEFERRED, "5.1.1"),
        (failed("2.0.0").replace("failed", "delivered"), Kind.DELIVERED, "2.0.0"),
        (failed("2.0.0").replace("failed", "Relayed"), Kind.ACCEPTED, "2.0.0"),
        (failed("5.1.1").replace("failed", "exploded"), Kind.NOTICE, "5.1.1"),
        (failed("5.1.1").replace("failed", "FAILED"), Kind.HARD_BOUNCE, "5.1.1"),
    ],
)
def test_action_and_status_decide(fields: str, kind: Kind, code: str | None) -> None:
    event = one(report(fields=fields))
    assert (event.kind, event.smtp_code, event.key) == (kind, code, KEY)


def test_prose_decides_nothing() -> None:
    raw = report(fields=failed("4.2.2"), prose="550 5.1.1 User unknown. Permanent failure. Action: failed")
    assert one(raw).kind is Kind.SOFT_BOUNCE


@pytest.mark.parametrize(
    "raw",
    [
        report(),
        report(to=f"BOUNCE+{KEY.upper()}@RESEAU.EXAMPLE"),
        report(to="retours@reseau.example", envelope_id=KEY),
        report(to="retours@reseau.example", returned=f"Message-ID: <{KEY}@reseau.example>\nSubject: S\n"),
        report(to="retours@reseau.example", returned=f"Return-Path: <bounce+{KEY}@reseau.example>\n"),
        report(to="x@y.example").replace(
            b"Return-Path", b"Delivered-To: b+" + KEY.encode() + b"@r\r\nReturn-Path"
        ),
    ],
    ids=["verp", "verp-in-capitals", "envelope-id", "message-id", "return-path", "delivered-to"],
)
def test_the_key_is_found_wherever_it_comes_back(raw: bytes) -> None:
    assert one(raw).key == KEY


def test_a_report_without_a_key_of_ours_says_nothing() -> None:
    assert read(report(to="retours@reseau.example")) == []
    assert (
        read(report(to="retours@reseau.example", envelope_id="short", returned="Message-ID: <x@y>\n")) == []
    )


def test_a_mailbox_behind_the_one_we_know_is_no_dead_mailbox_of_ours() -> None:
    ours = "To: Mairie <contact@ville.example>\n"
    passed_on = report(fields=failed("5.1.1", final="agent@ailleurs.example"), returned=ours)
    own = report(fields=failed("5.1.1", final="CONTACT@ville.example"), returned=ours)
    assert [one(passed_on).kind, one(own).kind] == [Kind.SOFT_BOUNCE, Kind.HARD_BOUNCE]


def test_each_recipient_of_a_report_is_an_event_and_twenty_at_most() -> None:
    fields = "\n".join(failed("5.1.1", final=f"p{number}@ville.example") for number in range(50))
    events = read(report(fields=fields))
    assert len(events) == len({event.dedupe for event in events}) == 20


def test_the_same_report_has_the_same_fingerprint() -> None:
    again = report().replace(b"Return-Path", b"Received: from x by y\r\nReturn-Path")
    assert one(report()).dedupe == one(again).dedupe
    others = [report(message_id="<r2@mx.example>"), report(message_id=""), report(fields=failed("4.4.7"))]
    assert len({one(raw).dedupe for raw in [report(), *others]}) == 4


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("Thu, 11 Jun 2026 08:00:00 +0200", datetime(2026, 6, 11, 6, tzinfo=UTC)),
        ("Fri, 12 Jun 2026 08:00:00 +0200", NOW),
        ("Thu, 11 Jun 1998 08:00:00 +0200", NOW),
        ("yesterday", NOW),
        ("", NOW),
        ("Thu, 99 Jun 99999 99:99:99 +9999", NOW),
    ],
)
def test_a_date_is_believed_where_it_can_be_true(date: str, at: datetime) -> None:
    assert one(report(date=date)).at == at


def test_what_the_other_server_says_is_kept_without_addresses() -> None:
    event = one(report(fields=failed("5.1.1", "550 <a@ville.example>: no\x07 such user")))
    assert event.detail == "smtp; 550 <…>: no such user"
    assert event.recipient is None


def test_encoded_fields_are_read_too() -> None:
    fields = f"Reporting-MTA: dns; mx.example\n\n{failed('5.1.1')}"
    encoded = base64.encodebytes(fields.encode()).decode()
    raw = report().decode().replace("\r\n", "\n")
    head, _, rest = raw.partition("Content-Type: message/delivery-status\n")
    tail = rest[rest.index("--b--") :]
    part = f"Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n{encoded}\n"
    assert one((head + part + tail).encode()).smtp_code == "5.1.1"


def test_a_report_inside_a_forwarded_mail_is_not_ours() -> None:
    inner = report().decode()
    raw = f'From: a@x.example\nTo: b@y.example\nContent-Type: multipart/mixed; boundary="o"\n\n--o\n\nSee.\n--o\nContent-Type: message/rfc822\n\n{inner}\n--o--\n'
    assert read_report(raw.encode(), now=NOW) is None


@pytest.mark.parametrize("kind", ["abuse", "fraud", "Opt-Out", "other"])
def test_a_complaint_is_a_complaint(kind: str) -> None:
    event = one(complaint(kind=kind))
    assert (event.kind, event.key) == (Kind.COMPLAINT, KEY)


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure", "virus", "x-new", ""])
def test_other_feedback_is_nobody_s_complaint(kind: str) -> None:
    assert read(complaint(kind=kind)) == []


def test_a_complaint_of_which_the_addresses_are_hidden_is_found_by_what_came_back() -> None:
    token = base64.urlsafe_b64encode(KEY.encode()).decode().rstrip("=")
    link = (
        f"List-Unsubscribe: <https://lettres.reseau.example/u/{token}.c2lnbmF0dXJl>,\n <mailto:x@y.example>"
    )
    for head in (f"Message-ID: <{KEY}@reseau.example>", link):
        assert one(complaint(mail_from="<>", head=head)).key == KEY
    assert read(complaint(mail_from="<>", head="List-Unsubscribe: <https://x.example/u/abc.def>")) == []


@pytest.mark.parametrize(
    "headers",
    [
        "Auto-Submitted: auto-replied\n",
        "Auto-Submitted: auto-replied (vacation)\n",
        "X-Autoreply: yes\n",
        "X-Auto-Response-Suppress: All\n",
        "Precedence: auto_reply\n",
        "Precedence: junk\n",
    ],
)
def test_a_holiday_reply_is_nothing(headers: str) -> None:
    """Even one that talks like a bounce."""
    assert read_report(letter(headers=headers, body=QMAIL), now=NOW) == Report()


def test_a_receipt_of_reading_is_nothing() -> None:
    raw = report().replace(b"delivery-status", b"disposition-notification")
    assert read_report(raw, now=NOW) == Report()


def test_prose_of_qmail_counts_towards_three() -> None:
    event = one(letter(headers="Return-Path: <>\n", body=QMAIL))
    assert (event.kind, event.key, event.smtp_code) == (Kind.SOFT_BOUNCE, KEY, None)
    assert read(letter(to="retours@reseau.example", body=QMAIL)) == []


def test_a_letter_is_for_a_person() -> None:
    assert read_report(letter(), now=NOW) is None
    assert read_report(b"", now=NOW) is None


def test_a_huge_mail_is_read_as_far_as_its_report() -> None:
    huge = report(returned="Subject: S\n\n" + "x" * 5_000_000)
    assert len(huge) > 10 * MOST_BYTES
    assert one(huge).kind is Kind.HARD_BOUNCE


@given(st.binary(max_size=2000))
def test_no_bytes_break_it(raw: bytes) -> None:
    read_report(raw, now=NOW)


@given(st.lists(st.tuples(st.integers(0, 1000), st.binary(max_size=8)), max_size=6), st.booleans())
def test_no_damaged_report_breaks_it(damage: list[tuple[int, bytes]], is_complaint: bool) -> None:
    raw = bytearray(complaint() if is_complaint else report(returned="Message-ID: <x@y>\n"))
    for place, data in damage:
        raw[place : place + len(data)] = data
    read_report(bytes(raw), now=NOW)
