"""Every shipped issue as a finished message: the gates find nothing, and the standard library reads what was meant."""

from email import message_from_bytes, policy

import pytest

from mailer.model.mail import Person
from mailer.tokens import Signer
from tests.gates import check_message
from tests.rendering.conftest import Press, copies_of, envelope_for, links_for

REFS = [
    "newsletter/2026-05",
    "newsletter/2026-06",
    "flash/2026-05-28",
    "flash/2026-06-04",
    "flash/2026-06-11",
    "mailing/2026-06-02-journee-achats",
    "mailing/2026-06-12-info-flash",
    "mailing/2026-06-18-j-14",
    "mailing/question-mesure",
]
PEOPLE = [
    Person("a@poste.example"),
    Person("b@poste.example", "Élise", "Cordier", "Ville de Limoges"),
    Person("c@poste.example", "{{ 7*7 }}", "Julien"),
    Person("d@poste.example", "<script>alert(1)</script>", "Picard"),
    Person("e@poste.example", "{% raw %}", "Renaud"),
    Person("f@poste.example", "Ω≈ç√ 漢字 🎉", "Abadie"),
]


@pytest.mark.parametrize("ref", REFS)
@pytest.mark.parametrize(("pixel", "tracked"), [(False, False), (True, False), (True, True)])
def test_every_shipped_issue_passes_the_gates(
    press: Press, signer: Signer, ref: str, pixel: bool, tracked: bool
) -> None:
    compiled = press.issue(ref)
    copies, links = copies_of(compiled), links_for(signer, compiled, pixel=pixel, tracked=tracked)
    for person in PEOPLE:
        name = f"{person.first_name} {person.last_name}".strip()
        message = copies.message(person, links, envelope_for(links, name=name), tag="t")
        assert check_message(message.mime) == []


def test_parts_decode_to_exactly_what_the_person_reads(press: Press, signer: Signer) -> None:
    compiled = press.issue("newsletter/2026-06")
    links = links_for(signer, compiled, pixel=True, tracked=True)
    message = copies_of(compiled).message(PEOPLE[1], links, envelope_for(links), tag="t")
    parsed = message_from_bytes(message.mime, policy=policy.default)
    text, html = parsed.get_body(("plain",)), parsed.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n").rstrip("\n") == message.content.text.rstrip("\n")
    assert html.get_content().replace("\r\n", "\n").rstrip("\n") == message.content.html.rstrip("\n")
    assert parsed["Subject"] == message.content.subject


def test_an_attempt_repeats_byte_for_byte(press: Press, signer: Signer) -> None:
    first, second = (
        copies_of(compiled).message(PEOPLE[1], links, envelope_for(links), tag="t").mime
        for compiled in [press.issue("flash/2026-06-11"), press.issue("flash/2026-06-11")]
        for links in [links_for(signer, compiled, pixel=True)]
    )
    assert first == second


def test_copies_with_and_without_a_pixel_differ_in_nothing_else(press: Press, signer: Signer) -> None:
    compiled = press.issue("flash/2026-06-11")
    copies = copies_of(compiled)
    plain = copies.content(PEOPLE[1], links_for(signer, compiled))
    measured = copies.content(PEOPLE[1], links_for(signer, compiled, pixel=True))
    start = measured.html.index('<img src="https://lettres.reseau.example/o/')
    end = measured.html.index(">", start) + 1
    assert measured.html[:start] + measured.html[end:] == plain.html
    assert measured.text == plain.text


def test_only_tracked_copies_have_tracked_links(press: Press, signer: Signer) -> None:
    compiled = press.issue("flash/2026-06-11")
    copies = copies_of(compiled)
    plain = copies.content(PEOPLE[1], links_for(signer, compiled, pixel=True))
    tracked = copies.content(PEOPLE[1], links_for(signer, compiled, pixel=True, tracked=True))
    assert all(link in plain.html and link not in tracked.html for link in compiled.links)
    assert plain.html.count("/c/") == 0
    assert tracked.html.count("/c/") >= len(compiled.links)


def test_a_missing_name_takes_the_fallback(press: Press, signer: Signer) -> None:
    compiled = press.issue("newsletter/2026-06")
    content = copies_of(compiled).content(PEOPLE[0], links_for(signer, compiled))
    assert "Bonjour chère lectrice, cher lecteur," in content.text
    assert "Bonjour chère lectrice, cher lecteur," in content.html


def test_a_name_is_text_and_nothing_else(press: Press, signer: Signer) -> None:
    compiled = press.issue("newsletter/2026-06")
    content = copies_of(compiled).content(PEOPLE[3], links_for(signer, compiled))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in content.html
    assert "<script>alert(1)</script>" in content.text


def test_no_shipped_letter_is_left_out(press: Press) -> None:
    shipped = {f"{slug}/{name}" for slug, each in press.shipped.campaigns.items() for name in each.issues}
    assert shipped == set(REFS)
