"""An issue as one person would get it, compiled for real, without anything being recorded."""

from dataclasses import dataclass

from mailer.errors import Problem
from mailer.model.mail import Content, Links, Person
from mailer.model.workspace import Campaign, Compiled, Issue, Templates
from mailer.rendering import Copies, line_for, preflight
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
        each.subject
        for each in campaign.issues.values()
        if each.send_at and issue.send_at and each.send_at < issue.send_at
    }
    problems = preflight(
        compiled,
        contents,
        issue=issue,
        earlier_subjects=before,
        identity=tuple(filter(None, (network.name, network.postal_address))) if network else (),
        block_types=templates.blocks if templates else {},
    )
    return Preview(
        issue=issue,
        compiled=compiled,
        content=contents[0],
        person=person,
        problems=tuple(problems),
        preheader=line_for(compiled.preheader, person),
    )
