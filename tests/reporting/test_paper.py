"""A report and a year as a page to print: tagged, the same twice, with the figures of the screen."""

import builtins
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mailer.errors import SettingError
from mailer.i18n import Translator
from mailer.reporting import as_pdf, as_png, report_paper, year_paper
from mailer.reporting.paper import Paper
from mailer.reporting.year import year_review
from mailer.store import Store
from tests.conftest import NOW
from tests.reporting.pdf_text import page_count, text_of
from tests.reporting.sent import Sent

FRENCH = Translator("fr")
ON = date(2026, 6, 13)


def letter(store: Store) -> Sent:
    sent = Sent(store, tracking="consented")
    sent.add(300, outcome="delivered")
    sent.add(4, outcome="bounced")
    sent.opened(loaded=150, high=135, low=120)
    return sent


def paper(sent: Sent) -> Paper:
    return report_paper(sent.report, FRENCH, network="Réseau", on=ON)


def plain(pdf: bytes) -> str:
    return " ".join(text_of(pdf).split())


def test_a_report_on_paper_is_tagged_and_says_what_the_screen_says(sqlite_store: Store) -> None:
    pdf = as_pdf(paper(letter(sqlite_store)))
    for mark in (b"/StructTreeRoot", b"/MarkInfo", b"pdfuaid:part", b"/Lang(fr)", b"/Alt"):
        assert mark in pdf, mark
    assert page_count(pdf) == 1
    text = plain(pdf)
    for said in (
        "Agenda de juin",
        "45,0 %",
        "de 39,5 % à 50,7 %",
        "300 copies mesurées",
        "304",
        "Ouvertures par heure",
    ):
        assert said in text, said
    assert "40,0 %" in text, "the strict count"


def test_the_same_figures_make_the_same_bytes(sqlite_store: Store) -> None:
    page = paper(letter(sqlite_store))
    assert as_pdf(page) == as_pdf(page)
    assert as_pdf(page) != as_pdf(replace(page, on=date(2026, 6, 14)))


def test_a_subject_is_never_read_as_a_command(sqlite_store: Store) -> None:
    page = replace(paper(letter(sqlite_store)), title='#read("/etc/passwd") *juin* $x$', lead="= _a_ <b> @c")
    text = plain(as_pdf(page))
    assert '#read("/etc/passwd") *juin* $x$' in text
    assert "= _a_ <b> @c" in text


def test_a_year_on_paper_has_its_paragraph_its_months_and_one_page(sqlite_store: Store) -> None:
    letter(sqlite_store)
    with sqlite_store.read() as tx:
        review = year_review(tx, 2026, at=NOW, zone="Europe/Paris", rhythms={"flash": "weekly"})
    page = year_paper(review, FRENCH, network="Réseau", on=ON)
    pdf = as_pdf(page)
    assert page_count(pdf) == len(as_png(page)) == 1
    text = plain(pdf)
    for said in ("Les lettres de 2026", "304 destinataires", "45,0 %", "janvier", "décembre"):
        assert said in text, said


def test_without_the_library_a_sentence_says_how_to_install_it(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, real = paper(letter(sqlite_store)), builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "typst":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SettingError, match=r"pip install 'mailer\[report\]'"):
        as_pdf(page)


def test_everybody_else_stands_below_the_groups_however_many_they_are(sqlite_store: Store) -> None:
    sent = Sent(sqlite_store, cohorts=["ville", "autres"])
    sent.add(30, cohort=0)
    sent.add(60, cohort=1)
    sent.opened(high=20, cohort=1)
    (groups,) = (each for each in paper(sent).grids if each.title == FRENCH("By group"))
    assert [row[1] for row in groups.rows] == ["30", "60"]
