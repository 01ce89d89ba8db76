"""Letters that say whether they ask for the consent to be measured."""

from mailer.errors import Problem
from mailer.model.workspace import Campaign


def check_questions(campaign: Campaign) -> list[Problem]:
    """`asks_consent` is true or false: written otherwise, a letter would ask nobody without saying why."""
    return [
        Problem(
            code="bad-value",
            message="“{value}” is not a possible value of {key}.",
            remedy="Choose one of: {known}.",
            values={"key": "asks_consent", "value": issue.front["asks_consent"], "known": "true, false"},
            path=issue.path,
            line=issue.lines.get("asks_consent"),
            field="asks_consent",
        )
        for issue in campaign.issues.values()
        if not isinstance(issue.front.get("asks_consent", False), bool)
    ]
