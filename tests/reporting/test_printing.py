"""The report on a terminal and for programs."""

import json

from mailer.i18n import NO_BREAK_SPACE, Translator
from mailer.reporting import as_json, as_text
from mailer.store import Store
from tests.reporting.sent import Sent

FRENCH, ENGLISH = Translator("fr"), Translator("en")
#: What programs may rely on (docs/reference/report.md).
KEYS = {
    "planned", "accepted", "refused", "excluded", "in_doubt", "delivered", "bounced", "unsubscribed", "tracking",
    "measured", "opens_low", "opens_high", "rate_low", "rate_high", "interval",
}  # fmt: skip


def measured(sent: Sent) -> Sent:
    sent.add(300, outcome="delivered")
    sent.add(2, "excluded", reason="unsubscribed")
    sent.opened(loaded=150, high=135, low=120)
    return sent


def test_json_holds_what_is_promised_and_nothing_that_json_cannot_say(sent: Sent) -> None:
    found = json.loads(json.dumps(as_json(measured(sent).report)))
    assert found.keys() >= KEYS
    assert (found["planned"], found["accepted"], found["excluded"]) == (302, 300, 2)
    assert found["rate_high"] == 0.45
    assert [round(each, 3) for each in found["interval"]] == [0.395, 0.507]
    assert found["started_at"] == "2026-06-11T07:00:00+00:00"


def test_json_says_null_where_nothing_is_measured(store: Store) -> None:
    sent = Sent(store, tracking="none")
    sent.add(3)
    found = as_json(sent.report)
    assert (found["rate_low"], found["rate_high"], found["interval"]) == (None, None, None)


def test_intervals_of_groups_have_the_shape_of_the_whole(store: Store) -> None:
    sent = Sent(store, tracking="anonymous", cohorts=["autres", "ville"])
    sent.add(40, cohort=1)
    sent.opened(high=10, cohort=1)
    [group] = as_json(sent.report)["cohorts"]
    assert [round(each, 2) for each in group["interval"]] == [0.14, 0.40]


def test_the_french_text_names_the_base_of_the_rate_and_its_interval(sent: Sent) -> None:
    text = as_text(measured(sent).report, FRENCH).replace(NO_BREAK_SPACE, " ")
    assert "Le Flash n° 47 · Agenda de juin" in text
    assert "Taux d’ouverture : 45,0 % des 300 copies des personnes ayant accepté la mesure" in text
    assert "intervalle à 95 % de 39,5 % à 50,7 %" in text
    assert "sans les relais des messageries : 40,0 %" in text
    assert "Chargements automatiques écartés : 15" in text
    assert "le hasard seul" in text


def test_french_signs_never_stand_alone_at_the_start_of_a_line(sent: Sent) -> None:
    text = as_text(measured(sent).report, FRENCH)
    assert all(f" {sign}" not in text for sign in ":;?!%")


def test_the_text_says_who_was_excluded_and_why(sent: Sent) -> None:
    lines = [line.split() for line in as_text(measured(sent).report, ENGLISH).splitlines()]
    assert ["excluded", "2"] in lines
    assert ["unsubscribed", "2"] in lines


def test_an_unmeasured_letter_says_so_and_divides_by_nothing(store: Store) -> None:
    sent = Sent(store, tracking="none")
    sent.add(3)
    text = as_text(sent.report, FRENCH).replace(NO_BREAK_SPACE, " ")
    assert text.endswith("Taux d’ouverture : non mesuré.")


def test_columns_are_aligned(sent: Sent) -> None:
    statement = as_text(measured(sent).report, ENGLISH).split("\n\n")[1].splitlines()
    assert len({len(line) for line in statement}) == 1
