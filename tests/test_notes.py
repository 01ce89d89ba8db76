"""The sentence of a failure is kept in the database, and said in the language of whoever reads it later."""

from pathlib import Path

import pytest

from mailer.errors import MailerError, Problem, WorkspaceError
from mailer.i18n import Translator, note
from mailer.providers import api

HALT = api.halt("no-credit", provider="Brevo", code=402)


def test_a_refusal_of_the_provider_is_said_in_each_language() -> None:
    assert Translator("en").noted(note(HALT)) == str(HALT)
    assert Translator("fr").noted(note(HALT)) == Translator("fr").error(HALT) != str(HALT)


def test_what_fills_a_sentence_is_cut_and_the_sentence_is_not() -> None:
    kept = note(MailerError("{what} was refused by everybody.", what="x" * 5000))
    said = Translator("en").noted(kept)
    assert said.endswith("… was refused by everybody.")
    assert len(said) < 300


@pytest.mark.parametrize("plain", ["The provider refuses our key.", "by anne", "{not json", "{1}", "[]", ""])
def test_what_was_noted_in_plain_words_stays_as_it_is(plain: str) -> None:
    assert Translator("fr").noted(plain) == plain


def test_mistakes_of_files_are_kept_as_they_were() -> None:
    broken = WorkspaceError([Problem(code="x", message="Wrong.", path=Path("a.md"), line=3)])
    assert Translator("fr").noted(note(broken)) == "a.md:3: Wrong."


def test_the_state_of_a_letter_is_a_word_of_the_reader() -> None:
    error = MailerError("{ref} is {state}: this cannot be done now.", ref="flash/47", state="settling")
    assert Translator("en").error(error).startswith("flash/47 is waiting for news of doubtful copies:")
    assert "«\u00a0en attente de nouvelles des envois incertains\u00a0»" in Translator("fr").error(error)
