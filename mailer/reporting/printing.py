"""A report as text for a terminal, and as JSON for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from mailer.i18n import Translator, marked
from mailer.model.receivers import ReceiverCount
from mailer.model.report import CohortFigures, Interval, Report, SubjectFigures
from mailer.model.series import Comparison
from mailer.reporting import wording
from mailer.reporting.reasons import reason

_MODES = {
    "none": marked("not measured"),
    "consented": marked("of the {count} copies of people who accepted the measure"),
    "anonymous": marked("of {count} copies, anonymous measure"),
}
Row = tuple[str, int]


def as_json(
    report: Report, receivers: Sequence[ReceiverCount] = (), comparison: Comparison | None = None
) -> dict[str, Any]:
    """Plain values; rates from 0 to 1, `interval` as [low, high] or None, instants in ISO 8601."""
    values = asdict(report)
    values = {**values.pop("letter"), **values}
    del values["send_id"]
    values["interval"] = _pair(report.letter.interval)
    groups: list[tuple[Any, Sequence[CohortFigures | SubjectFigures]]] = [(values["cohorts"], report.cohorts)]
    if report.trial is not None:
        groups.append((values["trial"]["subjects"], report.trial.subjects))
    for plain, figures in groups:
        for values_of, each in zip(plain, figures, strict=True):
            values_of["interval"] = _pair(each.interval)
    for name in ("started_at", "ended_at"):
        values[name] = values[name].isoformat() if values[name] else None
    values["receivers"] = [_receiver(each) for each in receivers]
    if comparison is not None:
        values["comparison"] = asdict(comparison)
    return values


def _receiver(each: ReceiverCount) -> dict[str, Any]:
    return {
        "receiver": each.receiver.code,
        "recipients": each.count,
        "above": each.receiver.above,
        "is_over": each.is_over,
    }


def _pair(interval: Interval | None) -> list[float] | None:
    return [interval.low, interval.high] if interval else None


def as_text(
    report: Report,
    t: Translator,
    receivers: Sequence[ReceiverCount] = (),
    comparison: Comparison | None = None,
) -> str:
    """The report in the reader's language, aligned in two columns."""
    number = f" n° {report.letter.number}" if report.letter.number else ""
    lines = [f"{report.letter.title}{number} · {report.letter.subject}"]
    if report.started_at:
        lines.append(t("Sent {when}.", when=t.instant(report.started_at)))
    lines += [
        "",
        *_columns(t, _statement(report, t)),
        "",
        *_columns(t, _afterwards(report, t)),
        "",
        _rate(report, t),
        *_beside(report, t, comparison),
        *_groups(report, t),
        *_subjects(report, t),
        *_warnings(receivers, t),
    ]
    return "\n".join(lines)


def _statement(report: Report, t: Translator) -> list[Row]:
    rows = [
        (t("Targeted"), report.letter.planned),
        (t("  accepted"), report.letter.accepted),
        (t("  refused"), report.letter.refused),
        *_reasons(report.refused_by, t),
        (t("  excluded"), report.letter.excluded),
        *_reasons(report.excluded_by, t),
        (t("  in doubt"), report.letter.in_doubt),
    ]
    extra = [(t("  cancelled"), report.cancelled), (t("  still to hand over"), report.open)]
    return rows + [row for row in extra if row[1]]


def _reasons(counts: Mapping[str, int], t: Translator) -> list[Row]:
    return [(f"    {reason(t, code)}", count) for code, count in counts.items() if code]


def _afterwards(report: Report, t: Translator) -> list[Row]:
    return [
        (t("Delivered"), report.letter.delivered),
        (t("Addresses in error"), report.letter.bounced),
        (t("Complaints"), report.letter.complained),
        (t("Unsubscribed"), report.letter.unsubscribed),
    ]


def _columns(t: Translator, rows: list[Row]) -> list[str]:
    width = max(len(label) for label, _ in rows)
    numbers = [t.number(count) for _, count in rows]
    right = max(map(len, numbers))
    return [f"{label:<{width}}  {number:>{right}}" for (label, _), number in zip(rows, numbers, strict=True)]


def _rate(report: Report, t: Translator) -> str:
    """Never a rate without its base, its range and its interval (rules O4, O13)."""
    if report.letter.rate_high is None or report.letter.interval is None:
        return wording.no_rate(t, report.letter)
    said = t(
        "Open rate: {rate} {base}; 95 % interval {low} to {high}.",
        rate=t.percent(report.letter.rate_high),
        base=t(_MODES[report.letter.tracking], count=t.number(report.letter.measured)),
        low=t.percent(report.letter.interval.low),
        high=t.percent(report.letter.interval.high),
    )
    strict = t(
        "Strictly counted, without the proxies of mail services: {rate}. Automatic loads set aside: {count}.",
        rate=t.percent(report.letter.rate_low),
        count=t.number(report.letter.set_aside or 0),
    )
    caution = t(
        "The interval says what chance alone may change, not who refuses the measure or blocks images."
    )
    return "\n".join(line for line in (said, strict, caution, _clicks(report, t)) if line)


def _clicks(report: Report, t: Translator) -> str:
    return t.plural("{count} click.", "{count} clicks.", report.letter.clicks) if report.letter.clicks else ""


def _beside(report: Report, t: Translator, comparison: Comparison | None) -> list[str]:
    """The rate beside those of the year before it; a letter without a rate needs no comparison."""
    if comparison is None or report.letter.rate_high is None:
        return []
    if comparison.rate is None:
        return [wording.alone(t, comparison)]
    _, moved = wording.compared(t, report.letter.rate_high, comparison.rate.median)
    return [f"{moved} {wording.beside(t, comparison)}."]


def _groups(report: Report, t: Translator) -> list[str]:
    """Each group with the number it speaks of; groups under twenty copies are not in the report at all."""
    lines = [_rate_of(t, each.name, each) for each in report.cohorts if each.interval is not None]
    return ["", t("By group"), *lines] if lines else []


def _subjects(report: Report, t: Translator) -> list[str]:
    """Two subjects side by side, and what they have shown."""
    if report.trial is None:
        return []
    lines = [_rate_of(t, each.subject, each) for each in report.trial.subjects if each.interval is not None]
    return ["", t("Two subjects"), *lines, wording.trial(t, report.trial)]


def _rate_of(t: Translator, group: str, of: CohortFigures | SubjectFigures) -> str:
    """Of a group whose rate is told."""
    assert of.interval is not None
    return t(
        "  {group}: {rate} of {count} copies, {low} to {high}",
        group=group,
        rate=t.percent(of.rate),
        count=t.number(of.copies),
        low=t.percent(of.interval.low),
        high=t.percent(of.interval.high),
    )


def _warnings(receivers: Sequence[ReceiverCount], t: Translator) -> list[str]:
    """What receivers ask of whoever writes to so many in a day; nothing below their numbers."""
    lines = [receiver_warning(t, each) for each in receivers if each.is_over]
    return ["", t("Rules of receivers for so many messages a day"), *lines] if lines else []


def receiver_warning(t: Translator, each: ReceiverCount) -> str:
    """One receiver whose number this letter passes, with what must be in place."""
    return t(
        "{receiver}: {count} recipients, more than {above} a day. It asks for: {needs}",
        receiver=t(each.receiver.name),
        count=t.number(each.count),
        above=t.number(each.receiver.above or 0),
        needs=t(each.receiver.needs),
    )
