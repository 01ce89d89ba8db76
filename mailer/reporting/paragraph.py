"""The year in a paragraph that can be copied into a report of activity: every rate with how it was measured."""

from mailer.i18n import Translator, marked
from mailer.model.series import CampaignYear, YearReview
from mailer.model.workspace import Tracking

_MEASURES = {
    Tracking.CONSENTED.value: marked("among the people who accepted the measure"),
    Tracking.ANONYMOUS.value: marked("anonymous measure"),
}


def paragraph(review: YearReview, t: Translator) -> str:
    """One sentence per campaign, the regular series first."""
    when = (
        t("In {year}, so far,", year=review.year) if review.is_running else t("In {year},", year=review.year)
    )
    if not review.campaigns:
        return t("{when} the network sent no letter.", when=when)
    first, *others = review.campaigns
    return " ".join([_first(first, when, t), *(_other(each, t) for each in others)])


def _first(each: CampaignYear, when: str, t: Translator) -> str:
    return t.plural(
        "{when} the network sent {count} letter “{title}” to {people}, {opened}.",
        "{when} the network sent {count} letters “{title}” to {people}, {opened}.",
        each.letters,
        when=when,
        title=each.title,
        people=_people(each, t),
        opened=opened(each, t),
    )


def _other(each: CampaignYear, t: Translator) -> str:
    if each.rhythm == "adhoc":
        return t.plural(
            "To these comes {count} letter “{title}” to {people}, {opened}.",
            "To these come {count} letters “{title}” to {people}, {opened}.",
            each.letters,
            title=each.title,
            people=_people(each, t),
            opened=opened(each, t),
        )
    return t.plural(
        "“{title}” had {count} letter, to {people}, {opened}.",
        "“{title}” had {count} letters, to {people}, {opened}.",
        each.letters,
        title=each.title,
        people=_people(each, t),
        opened=opened(each, t),
    )


def _people(each: CampaignYear, t: Translator) -> str:
    count = round(each.recipients)
    if each.letters == 1:
        return t.plural("{count} recipient", "{count} recipients", count)
    return t.plural("{count} recipient on average", "{count} recipients on average", count)


def opened(each: CampaignYear, t: Translator) -> str:
    """The rate and its measure; that there is none, or that two cannot be one."""
    if not each.rates:
        return t("openings not measured")
    if each.rate is None:
        return t("openings measured in two ways that do not add up")
    return t.plural(
        "opened at {rate} ({measure})",
        "opened at {rate} on average ({measure})",
        each.rate.letters,
        rate=t.percent(each.rate.high, 0),
        measure=t(_MEASURES[each.rate.tracking]),
    )
