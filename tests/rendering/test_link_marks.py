"""Clicks drawn on the mail."""

from mailer.rendering import mark_links

HTML = (
    '<p><a class="x" href="https://a.example/?x=1&amp;y=2">Lire</a> <a href="https://b.example/">Voir</a></p>'
)


def test_each_known_link_has_its_words_in_front() -> None:
    marked = mark_links(HTML, {"https://a.example/?x=1&y=2": "12 clics"})
    assert marked.count("12 clics") == 1
    assert marked.index("12 clics") < marked.index("Lire")
    assert marked.endswith('<a href="https://b.example/">Voir</a></p>')


def test_words_are_text_and_never_markup() -> None:
    assert "<b>" not in mark_links(HTML, {"https://b.example/": "<b>3</b>"})


def test_without_marks_the_mail_stays_as_it_is() -> None:
    assert mark_links(HTML, {}) == HTML
