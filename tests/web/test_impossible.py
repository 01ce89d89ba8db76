"""Addresses and forms with what no row and no file can have: an answer, never a failure; on both databases."""

import pytest

from mailer.model.accounts import Role
from mailer.store import Store
from tests.web.conftest import Desk
from tests.web.routes import LETTER

BEYOND = str(2**63)
BEYOND_A_COLUMN = str(2**31)
LONG = "a" * 300
LONGER = "a" * 5_000
HASH = "0" * 64
PAGES = [
    *(f"/organismes/{number}" for number in (BEYOND, BEYOND_A_COLUMN)),
    f"/importer?restent={'9' * 30}",
    f"/importer/historique/{BEYOND}/rejets",
    f"/audiences/{LONG}/regle",
    f"/campagnes/flash/images/{LONG}.png",
    f"/lettres/flash/{LONGER}/ecrire/historique/{HASH}",
    f"/lettres/flash/{LONGER}/ecrire/conflit/{HASH}",
    f"/resultats/flash/2026-06-11/personnes?apres={BEYOND}",
    f"/audiences/adherents/ecartees?motif=not_member&apres={BEYOND}",
    "/audiences/adherents/ecartees?motif=a%00b",
    "/lettres/flash%00/2026-06-11",
    "/audiences/a%00b/regle",
    "/resultats/flash%00/2026-06-11",
    "/exports/lettres/flash/a%00b.csv",
    "/organismes?q=%00",
]
ACTS = [
    *(f"/organismes/{number}/adhesion" for number in (BEYOND, BEYOND_A_COLUMN)),
    f"/organismes/1/adhesion/{BEYOND}/fin",
    *(f"/importer/{number}/annuler" for number in (BEYOND, BEYOND_A_COLUMN)),
    *(
        f"/comptes/{BEYOND}/{act}"
        for act in ("renvoyer", "retirer", "role", "desactiver", "reactiver", "second-facteur")
    ),
    *(f"/comptes/{BEYOND_A_COLUMN}/{act}" for act in ("renvoyer", "role", "desactiver")),
    f"/reglages/jetons/{BEYOND}/retirer",
    *(f"/reglages/alertes/{BEYOND}/{act}" for act in ("rejouer", "retirer")),
    "/lettres/flash%00/2026-06-11/annuler",
    f"{LETTER}/relecture/a%00b/retirer",
    "/reglages/conservation/a%00",
]


@pytest.fixture(autouse=True)
def named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The desk stands on the database of this test."""
    monkeypatch.setenv("MAILER_DATABASE_URL", store.engine.url.render_as_string(hide_password=False))


def test_an_address_of_nothing_is_not_found(desk: Desk) -> None:
    session = desk.browser(Role.ADMINISTRATOR)
    for path in PAGES:
        answer = session.get(desk.url + path, allow_redirects=False)
        assert answer.status_code in {200, 303, 404, 409, 422}, path
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"], path
    assert "n’existe pas" in session.get(f"{desk.url}/organismes/{BEYOND}").text


def test_an_act_on_nothing_is_refused(desk: Desk) -> None:
    session = desk.browser(Role.ADMINISTRATOR)
    form = {"role": "reader", "from_on": "2026-01-01", "until_on": "2026-02-01"}
    for path in ACTS:
        answer = desk.post(session, path, **form)
        assert answer.status_code in {200, 303, 404, 409, 422}, path


@pytest.mark.parametrize("word", ["a\0b", "a\0@ville.example"])
def test_the_byte_zero_in_a_form_is_refused(desk: Desk, word: str) -> None:
    session = desk.browser(Role.ADMINISTRATOR)
    for path, field in (("/personnes", "wanted"), (f"{LETTER}/relecture", "reader"), ("/compte/nom", "name")):
        answer = desk.post(session, path, **{field: word})
        assert answer.status_code in {200, 303, 404, 409, 422}, path
