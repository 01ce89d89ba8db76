"""An issue as one person would get it, compiled for real, without anything being recorded."""

from dataclasses import dataclass, replace

from mailer.errors import Problem
from mailer.model.mail import Content, Links, Person
from mailer.model.workspace import Campaign, Compiled, Issue, Templates
from mailer.rendering import Copies, check_second, line_for, of_second, preflight
from mailer.settings import NetworkSettings

#: People whose copies preflight looks at besides the asked one: no name, a long one.
WITNESSES = (
    Person(address="sans-nom@exemple.example"),
    Person(
        address="prenom.long@exemple.example",
        first_name="Marie-Antoinette-Philippine",
        last_name="de La Rochefoucauld-Montbel",
        organisation="Communauté d'agglomération du Grand Saint-Dizier Der et Vallées",
    ),
)


@dataclass(frozen=True, slots=True)
class Preview:
    """One copy and what preflight says of the issue."""

    issue: Issue
    compiled: Compiled
    content: Content
    person: Person
    problems: tuple[Problem, ...]
    #: What the other half of the people would read; empty: one subject.
    second_subject: str = ""
    #: The line below the subject, as this person's inbox shows it.
    preheader: str = ""

    @property
    def blocking(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "blocking")


def preview_links(base_url: str) -> Links:
    """Addresses of a copy that belongs to nobody: each leads to the page that says so."""
    return Links(
        unsubscribe=f"{base_url}/u/apercu",
        preferences=f"{base_url}/p/apercu",
        view=f"{base_url}/v/apercu",
        consent_yes=f"{base_url}/oui/apercu",
        consent_no=f"{base_url}/non/apercu",
    )


def copy_of(compiled: Compiled, person: Person, base_url: str) -> Content:
    """The asked person's copy alone, before anything is checked."""
    return Copies.of(compiled).content(person, preview_links(base_url))


def build_preview(
    compiled: Compiled,
    campaign: Campaign,
    issue: Issue,
    person: Person,
    base_url: str,
    *,
    templates: Templates | None = None,
    network: NetworkSettings | None = None,
) -> Preview:
    """The asked person's copy, and the problems of theirs and of the witnesses' copies.

    With `templates` a problem names the field of its block; with `network` the mail must say who writes.
    """
    copies = Copies.of(compiled)
    links = preview_links(base_url)
    contents = [copies.content(who, links) for who in (person, *WITNESSES)]
    before = {
        subject
        for each in campaign.issues.values()
        for subject in filter(None, (each.subject, each.second_subject))
        if each.send_at and issue.send_at and each.send_at < issue.send_at
    }

    def checked(compiled: Compiled, contents: list[Content], issue: Issue) -> list[Problem]:
        return preflight(
            compiled,
            contents,
            issue=issue,
            earlier_subjects=before,
            identity=tuple(filter(None, (network.name, network.postal_address))) if network else (),
            block_types=templates.blocks if templates else {},
        )

    problems = checked(compiled, contents, issue)
    second_subject = ""
    if compiled.second_subject:
        copies = Copies.of(compiled, second=True)
        other = replace(compiled, subject=compiled.second_subject)
        others = [copies.content(who, links) for who in (person, *WITNESSES)]
        second_subject = others[0].subject
        problems += of_second(problems, checked(other, others, replace(issue, subject=issue.second_subject)))
        problems += check_second(issue, campaign)
    return Preview(
        issue=issue,
        compiled=compiled,
        content=contents[0],
        person=person,
        problems=tuple(problems),
        second_subject=second_subject,
        preheader=line_for(compiled.preheader, person),
    )
