"""The year in a paragraph that can be copied into a report of activity: every rate with how it was measured."""

from collections.abc import Iterator, Sequence

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
    alone = [_other(each, t) for each in others if each not in review.occasional]
    return " ".join([_first(first, when, t), *alone, *_together(review.occasional, first, t)])


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


def _together(campaigns: Sequence[CampaignYear], told: CampaignYear, t: Translator) -> Iterator[str]:
    """Those on occasion in one sentence: three alike would hide what the paragraph is about."""
    rest = [each for each in campaigns if each is not told]
    if not rest:
        return
    if len(rest) == 1:
        yield _other(rest[0], t)
        return
    letters = sum(each.letters for each in rest)
    yield t(
        "To these come {count} letters on occasion ({names}), to {people}, {opened}.",
        count=t.number(letters),
        names=names(rest, t),
        people=_count(sum(each.accepted for each in rest) / letters, letters, t),
        opened=t("openings not measured"),
    )


def names(campaigns: Sequence[CampaignYear], t: Translator) -> str:
    """44 “Info flash”, 31 “Save the date”, 27 “Reminder”."""
    return ", ".join(
        t("{number} “{title}”", number=t.number(each.letters), title=each.title) for each in campaigns
    )


def _people(each: CampaignYear, t: Translator) -> str:
    return _count(each.recipients, each.letters, t)


def _count(recipients: float, letters: int, t: Translator) -> str:
    count = round(recipients)
    if letters == 1:
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
