"""The register and the notice say what the settings and the campaigns say, in both languages, and are linked where people are."""

import pytest

from mailer.app import privacy
from tests.api.conftest import Api

SITE = "http://testserver"


def _all(document: privacy.Document) -> str:
    return document.text()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_campaign_is_a_processing_with_its_measure(api: Api, language: str) -> None:
    document = privacy.register(api.mailer, language)
    found, _ = api.mailer.workspace()
    t = api.mailer.translator(language)
    for campaign in found.campaigns.values():
        section = next(each for each in document.sections if each.title == campaign.title)
        said = {each.label: each.text for each in section.entries}
        assert said[t("Measure of readings")] == t(privacy._MODES[campaign.tracking])
        if campaign.tracking_decision:
            assert campaign.tracking_decision in said.values()


def test_another_mode_in_a_file_is_another_notice(api: Api) -> None:
    path = api.mailer.settings.workspace / "campaigns/flash/campaign.toml"
    before = privacy.notice(api.mailer, "en").text()
    text = path.read_text("utf-8")
    assert 'tracking = "consented"' in text
    path.write_text(text.replace('tracking = "consented"', 'tracking = "none"'), "utf-8")
    after = privacy.notice(api.mailer, "en").text()
    assert before.count("no measure: no image") + 1 == after.count("no measure: no image")


def test_what_is_not_filled_in_names_its_setting(api: Api) -> None:
    assert "privacy.dpo" in privacy.register(api.mailer, "fr").text()


def test_the_notice_is_open_to_everybody_in_the_language_asked_for(api: Api) -> None:
    french = api.session.get(f"{SITE}/confidentialite")
    english = api.session.get(f"{SITE}/confidentialite?langue=en")
    assert (french.status_code, english.status_code) == (200, 200)
    assert '<html lang="en">' in english.text
    assert "Vos droits" in french.text
    assert "Your rights" in english.text


def test_public_pages_lead_to_the_notice(api: Api) -> None:
    assert 'href="/confidentialite"' in api.session.get(f"{SITE}/inscription").text


def test_who_decided_to_keep_the_day_of_the_last_opening_is_in_both_documents_and_the_settings(
    api: Api,
) -> None:
    file = api.mailer.settings.workspace / "campaigns/flash/campaign.toml"
    assert "jour de votre dernière ouverture" not in privacy.notice(api.mailer, "fr").text()
    decision = "Décision de la présidente, 3 mars 2026"
    file.write_text(f'last_open_decision = "{decision}"\n' + file.read_text("utf-8"), "utf-8")
    assert "jour de votre dernière ouverture" in privacy.notice(api.mailer, "fr").text()
    assert decision in privacy.register(api.mailer, "fr").text()
