"""Every shipped layout with twelve full articles keeps rules H1 to H11 and stays under the size at which Gmail cuts."""

import re
from dataclasses import replace

import pytest
from lxml import html as lxml_html

from mailer.model.mail import Content
from mailer.model.workspace import Block, Compiled
from mailer.rendering import preflight
from mailer.tokens import Signer
from tests.gates import check_message
from tests.rendering.conftest import CAMILLE, Press, copies_of, envelope_for, links_for

LAYOUTS = ("newsletter", "flash", "mailing", "frame")
MOST_BYTES = 102_400
PICTURES = ("village", "cantine", "marche", "atelier", "reunion", "carte")
SENTENCES = (
    "La commune n’a rien vendu\u00a0: elle a confié le terrain pour **quatre-vingt-dix-neuf ans** à une foncière, qui a porté les travaux. "
    "Le montage tient en trois actes, que [le dossier](https://reseau.example/dossiers/foncier-{number}) donne en entier\u00a0: un bail de longue durée, un loyer "
    "plafonné, une clause de retour à la commune. Quatre autres communes s’y engagent cette année."
)


def twelve() -> tuple[Block, ...]:
    """Two sections; each article with a picture, a text of sixty words and two links."""
    found = [Block("section", {}, "À la une")]
    for number in range(1, 13):
        attributes = {
            "image": f"media/{PICTURES[number % len(PICTURES)]}.png",
            "alt": f"Dessin de l’article {number}\u00a0: une place, deux maisons, un marché",
            "link": f"https://reseau.example/dossiers/article-{number}?source=lettre&numero=64",
            "label": f"Lire le dossier de l’article {number}",
        }
        body = (
            f"# Foncier solidaire\u00a0: le centre-bourg numéro {number}\n{SENTENCES.format(number=number)}"
        )
        found.append(Block("article", attributes, body))
        if number == 6:
            found.append(Block("section", {}, "Ailleurs"))
    return tuple(found)


@pytest.fixture(params=LAYOUTS)
def compiled(request: pytest.FixtureRequest, press: Press) -> Compiled:
    campaign = press.shipped.campaigns["newsletter"]
    issue = replace(
        next(iter(campaign.issues.values())),
        subject="Douze centres-bourgs qui sortent de la spéculation",
        preheader="Ce qu’ils ont coûté, et ce qui a changé pour les habitants",
        blocks=twelve(),
    )
    return press.compile(issue, replace(campaign, layout=request.param))


@pytest.fixture
def content(compiled: Compiled, signer: Signer) -> Content:
    links = links_for(signer, compiled, tracked=True, pixel=True)
    return copies_of(compiled).content(CAMILLE, links)


def test_the_whole_message_keeps_the_rules(compiled: Compiled, signer: Signer) -> None:
    """H1 to H6 and H10, and those of the message around it, for a measured copy."""
    links = links_for(signer, compiled, tracked=True, pixel=True)
    message = copies_of(compiled).message(CAMILLE, links, envelope_for(links), tag="t")
    assert check_message(message.mime) == []
    assert len(message.mime) < MOST_BYTES


def test_preflight_has_nothing_to_say(press: Press, compiled: Compiled) -> None:
    """H5 and H7 (the inbox's line), and H11: no feature beyond those of a bare layout."""
    found = preflight(compiled, [press.content(compiled)])
    assert [problem.code for problem in found] == []


def test_the_preheader_is_hidden_without_white_on_white(content: Content) -> None:
    """H7."""
    (hidden,) = [
        each
        for each in lxml_html.document_fromstring(content.html).iter("div")
        if "display:none" in (each.get("style") or "")
    ]
    assert (hidden.text or "").startswith("Ce qu’ils ont coûté")
    assert not re.search(r"(?<!-)color:|font-size:[01]px", hidden.get("style") or "")


def test_nothing_stands_in_vml_alone(content: Content) -> None:
    """H8."""
    assert re.findall(r"<v:\w+", content.html) == []


def test_it_has_dark_colours_of_its_own(content: Content) -> None:
    """H9."""
    assert '<meta name="color-scheme" content="light dark">' in content.html
    assert "prefers-color-scheme: dark" in content.html
