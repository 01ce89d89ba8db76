"""A rule reads as one plain sentence in both languages."""

from pathlib import Path

import pytest

from mailer.model.segment import Segment
from mailer.model.segment_grammar import parse_segment
from mailer.segments import sentence

RULE = {
    "title": "S",
    "members_only": True,
    "where": [
        {"field": "organisation.region", "is": "Occitanie"},
        {
            "any": [
                {"field": "organisation.population", "at_most": 20000},
                {"field": "contact.job", "empty": True},
            ]
        },
    ],
    "except": [{"field": "received", "is": "mailing/2026-06-02-journee-achats"}],
    "one_per": "organisation",
}


def rule() -> Segment:
    found, problems = parse_segment(RULE, slug="s", path=Path("s"))
    assert problems == []
    return found


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "The members' people among the subscribers, for whom the region is “Occitanie” and (the population is at "
            "most 20,000 or the function is missing), except those for whom having received is "
            "“mailing/2026-06-02-journee-achats”, one person per organisation.",
        ),
        (
            "fr",
            "Les abonnés qui travaillent pour une collectivité adhérente, pour qui la région est « Occitanie » et (la "
            "population est d’au plus 20 000 ou la fonction manque), sauf celles pour qui la lettre reçue est "
            "« mailing/2026-06-02-journee-achats », une personne par organisme.",
        ),
    ],
)
def test_a_rule_is_one_sentence(language: str, said: str) -> None:
    assert sentence(rule(), language).replace("\u00a0", " ").replace("\u202f", " ") == said
