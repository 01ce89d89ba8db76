"""Compiling: once per issue; what a pipeline that compiles per recipient would cost."""

from email.message import EmailMessage

from bench.measure import REPOSITORY, Row, median, seconds
from mailer import settings, workspace
from mailer.model.mail import Person
from mailer.model.workspace import Compiled
from mailer.rendering import Confinement, Copies, compile_issue
from mailer.tokens import Signer
from tests.rendering.conftest import envelope_for, links_for

_RECIPIENTS = 2_000
_NAIVE = 20


def rows() -> list[Row]:
    found, _ = workspace.load(REPOSITORY)
    chosen = settings.load(REPOSITORY)
    campaign = found.campaigns["newsletter"]
    issue = campaign.issues["2026-06"]

    def compiled(confinement: Confinement | None = None) -> Compiled:
        return compile_issue(
            issue,
            campaign,
            found.templates,
            network=chosen.network,
            base_url=chosen.base_url,
            root=REPOSITORY,
            confinement=confinement,
        )

    with Confinement() as kept:
        ready = compiled(kept)
        warm = median(lambda: compiled(kept))
    cold = median(compiled)
    links = links_for(Signer(bytes(32)), ready, pixel=True, tracked=True)
    copies = Copies(
        subject=ready.subject, html=ready.html, text=ready.text, links=ready.links, language=ready.language
    )
    envelope = envelope_for(links)
    person = Person("elise@poste.example", "Élise", "Cordier")

    def joined() -> None:
        for _ in range(_RECIPIENTS):
            copies.message(person, links, envelope, tag="bench")

    def naive() -> None:
        for _ in range(_NAIVE):
            again = compiled()
            message = EmailMessage()
            message["Subject"] = again.subject
            message.set_content(again.text)
            message.add_alternative(again.html, subtype="html")
            message.as_bytes()

    ours = seconds(joined) / _RECIPIENTS
    theirs = seconds(naive) / _NAIVE
    size = len(copies.message(person, links, envelope, tag="bench").mime)
    return [
        Row(
            "compile of the 12-article newsletter",
            f"{warm * 1000:.0f} ms where the confined process is kept, as the desk does; {cold * 1000:.0f} ms with its start;"
            f" {size / 1000:.0f} kB a message",
            "<= 50 ms",
        ),
        Row("messages joined per second (one thread)", f"{1 / ours:,.0f}", ""),
        Row("naive per-recipient pipeline / ours", f"{theirs / ours:.0f} times", ">= 50 times"),
    ]
