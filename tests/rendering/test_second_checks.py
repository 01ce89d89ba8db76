"""A second subject is checked as the first is, in its own field."""

from dataclasses import replace

import pytest

from mailer.app.preview import build_preview
from mailer.errors import Problem
from mailer.model.workspace import Block, Tracking
from mailer.rendering import Copies
from tests.rendering.conftest import CAMILLE, PLAIN_LINKS, Press

FILLER = Block("text", {}, "Un texte sans faute.")


def problems(
    press: Press, second: str, *, tracking: Tracking = Tracking.CONSENTED, asks: bool = False
) -> list[Problem]:
    front = {"asks_consent": True} if asks else {}
    issue = replace(press.made(FILLER, front=front), second_subject=second)
    campaign = replace(press.shipped.campaigns["mailing"], tracking=tracking)
    compiled = press.compile(issue, campaign)
    return list(build_preview(compiled, campaign, issue, CAMILLE, "https://lettres.example").problems)


def of_second(found: list[Problem]) -> list[str]:
    return [each.code for each in found if each.field == "second_subject"]


def test_a_second_subject_without_fault_adds_nothing(press: Press) -> None:
    assert of_second(problems(press, "Ce que juin prépare")) == []
    assert len(problems(press, "Ce que juin prépare")) == len(problems(press, ""))


@pytest.mark.parametrize(
    ("second", "code"),
    [
        ("Un objet " + "bien trop long " * 6, "long-subject"),
        ("TODO", "leftover"),
        ("Bonjour {{ prenom }}", "merge-field"),
        ("Un objet\u2028coupé", "header"),
    ],
)
def test_what_is_wrong_with_it_is_told_at_its_field(press: Press, second: str, code: str) -> None:
    assert code in of_second(problems(press, second))


def test_it_is_another_one(press: Press) -> None:
    subject = press.made(FILLER).subject
    assert "second-subject-same" in of_second(problems(press, f" {subject} "))


@pytest.mark.parametrize(("tracking", "asks"), [(Tracking.NONE, False), (Tracking.CONSENTED, True)])
def test_where_nothing_is_measured_there_is_nothing_to_try(
    press: Press, tracking: Tracking, asks: bool
) -> None:
    assert "second-subject-unmeasured" in of_second(problems(press, "Autre", tracking=tracking, asks=asks))


def test_the_copies_of_both_halves_differ_in_the_subject_alone(press: Press) -> None:
    issue = replace(
        press.made(FILLER), subject="Juin & juillet", second_subject="Pour {{ first_name | vous }}"
    )
    compiled = press.compile(issue, press.shipped.campaigns["mailing"])
    first, second = (Copies.of(compiled, second=each).content(CAMILLE, PLAIN_LINKS) for each in (False, True))
    assert (first.subject, second.subject) == ("Juin & juillet", "Pour Camille")
    assert "<title>Juin &amp; juillet</title>" in first.html.replace("\n", "").replace("  ", "")
    assert first.html.replace("Juin &amp; juillet", "Pour Camille") == second.html
    assert first.text.replace("Juin & juillet", "Pour Camille") == second.text


def test_a_letter_with_one_subject_is_compiled_as_before(press: Press) -> None:
    issue = press.made(FILLER)
    compiled = press.compile(issue, press.shipped.campaigns["mailing"])
    assert issue.subject in compiled.html
