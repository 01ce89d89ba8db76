"""The text of a block as words with their dress."""

import pytest

from mailer.rendering.spans import Span, plain_spans, spans


def test_words_wear_what_markdown_gives_them() -> None:
    assert spans("Un **mot *deux***, fin") == [
        Span("Un "),
        Span("mot ", is_bold=True),
        Span("deux", is_bold=True, is_italic=True),
        Span(", fin"),
    ]


def test_the_address_of_a_link_stands_behind_its_words() -> None:
    found = spans("[**ici**](https://a.example/?n={{ first_name }})")
    assert found == [
        Span("ici", is_bold=True, is_link=True),
        Span(" ("),
        Span("https://a.example/?n="),
        Span("", field="first_name"),
        Span(")"),
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Un\n\ndeux\\\ntrois\nquatre", "Un\n\ndeux\ntrois quatre"),
        ("Voici\n- un\n  - dedans\n- deux\n\nfin", "Voici\n• un\n  • dedans\n• deux\n\nfin"),
        ("3. un\n4. deux", "3. un\n4. deux"),
        ("<b>&amp;</b>", "<b>&</b>"),
        ("RELAIS00SIALER", "RELAIS00SIALER"),
        ("&#82;ELAIS00SIALER", "RELAIS00SIALER"),
        ("", ""),
    ],
)
def test_lines_and_lists_stand_as_in_the_mail(text: str, shown: str) -> None:
    assert "".join(each.text for each in spans(text)) == shown


def test_a_field_keeps_what_is_said_without_it() -> None:
    field = Span("vous", field="first_name")
    assert plain_spans("À {{ first_name | vous }}, **non**") == [Span("À "), field, Span(", **non**")]
    assert spans("*{{first_name|vous}}*") == [Span("vous", is_italic=True, field="first_name")]
