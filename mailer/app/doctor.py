"""What `mailer doctor` looks at: settings, database, provider, clock, workspace, single sign-on. It sends nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from mailer import settings as settings_file
from mailer.app.creation import create_mailer
from mailer.app.mailer import Mailer
from mailer.app.sign_on import BACK, is_wished, sign_on_problems
from mailer.errors import MailerError, Problem, SettingError, Severity
from mailer.i18n import Translator, marked
from mailer.model.mail import Capabilities


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `text` is a source sentence filled from `values`."""

    name: str
    ok: bool
    text: str = ""
    filled: Mapping[str, object] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    failure: MailerError | None = None
    #: Sentences after the first, each on a line.
    more: tuple[tuple[str, Mapping[str, object]], ...] = ()

    @property
    def exit_status(self) -> int:
        if self.ok:
            return 0
        return self.failure.exit_status if self.failure else (3 if self.name == "Provider" else 1)

    def said(self, t: Translator) -> str:
        if self.failure:
            return t.error(self.failure)
        told = "\n".join(t.problem(each) for each in self.problems)
        return told or "\n".join(t(text, **filled) for text, filled in ((self.text, self.filled), *self.more))

    def values(self, t: Translator) -> dict[str, Any]:
        return {"name": self.name, "ok": self.ok, "said": self.said(t)}


def examine(workspace: Path | None = None) -> list[Check]:
    """Every check; stops early only where nothing further can be asked."""
    try:
        mailer = create_mailer(workspace)
    except MailerError as error:
        return [Check("Settings" if isinstance(error, SettingError) else "Database", ok=False, failure=error)]
    try:
        looks = _LOOKS if is_wished(mailer.settings.oidc) else _LOOKS_OF_ALL
        return [_examined(name, look, mailer) for name, look in looks.items()]
    finally:
        mailer.close()


def language() -> str:
    """The workspace's language, or what its settings seem to wish where they cannot be read."""
    return settings_file.wished_language()


def _examined(name: str, look: Callable[[Mailer], Check], mailer: Mailer) -> Check:
    try:
        return look(mailer)
    except MailerError as error:
        return Check(name, ok=False, failure=error)


def _settings(mailer: Mailer) -> Check:
    unknown = settings_file.unknown_variables()
    if unknown:
        text = "Nothing reads {names}. Check the spelling: docs/reference/settings.md lists them all."
        return Check("Settings", ok=False, text=text, filled={"names": ", ".join(unknown)})
    return Check("Settings", ok=True, text="Pages at {url}.", filled={"url": mailer.settings.base_url})


def _database(mailer: Mailer) -> Check:
    url = mailer.store.engine.url.render_as_string(hide_password=True)
    with mailer.store.write():
        return Check("Database", ok=True, text="{url} is up to date and can be written.", filled={"url": url})


def _provider(mailer: Mailer) -> Check:
    problems = tuple(mailer.provider.check())
    caps = mailer.provider.caps
    filled = {"name": mailer.provider.name, "rate": mailer.settings.provider.rate, "doubts": caps.doubt_class}
    text = "{name} answers. Rate {rate}, doubts of class {doubts}."
    if caps.webhook != "none":
        text = "{name} answers. Rate {rate}, doubts of class {doubts}. Give it this address for its webhooks: {hook}"
        secret = mailer.settings.provider.webhook_secret.get_secret_value()
        filled["hook"] = f"{mailer.settings.base_url}/hooks/{mailer.provider.name}/{secret}"
    return Check("Provider", ok=not problems, text=text, filled=filled, problems=problems)


def _capabilities(mailer: Mailer) -> Check:
    """What the chosen adapter declares: the reference of providers has the same table for all of them."""
    first, *more = capabilities(mailer.provider.caps)
    return Check("What it can do", ok=True, text=first[0], filled=first[1], more=tuple(more))


def capabilities(caps: Capabilities) -> list[tuple[str, Mapping[str, object]]]:
    """One sentence for each thing that decides how a send goes, and what it needs."""
    told: list[tuple[str, Mapping[str, object]]] = [
        (marked("Messages per call: {count}."), {"count": caps.max_batch}),
        _doubts(caps),
        (_WEBHOOKS[caps.webhook], {}),
    ]
    if caps.echoes_key:
        told.append((marked("Its reports name our delivery, so a late one settles a doubt."), {}))
    if caps.mailbox:
        told.append((marked("Bounces come to a mailbox, which is read."), {}))
    return told


def _doubts(caps: Capabilities) -> tuple[str, Mapping[str, object]]:
    if caps.idempotency_ttl is not None and caps.idempotency_ttl > _A_DAY:
        return marked("A lost answer: the same message is handed over again; it takes it once."), {}
    wait = caps.resolve_settle if caps.idempotency_ttl is None else caps.idempotency_ttl
    return _DOUBTS[caps.doubt_class], {"minutes": int(wait.total_seconds() // 60)}


_A_DAY = timedelta(days=1)
_DOUBTS = {
    "A": marked(
        "A lost answer: the same message is handed over again within {minutes} minutes; it takes it once."
    ),
    "B": marked("A lost answer: it is asked for the message after {minutes} minutes."),
    "B'": marked("A lost answer: its report is waited for, then a person decides."),
    "C": marked("A lost answer: a person decides."),
}
_WEBHOOKS = {
    "signed": marked("Webhooks: signed."),
    "shared-secret": marked(
        "Webhooks: not signed; a secret address and provider.webhook_key vouch for them."
    ),
    "none": marked("Webhooks: none."),
}


def _clock(mailer: Mailer) -> Check:
    now = mailer.translator().instant(mailer.clock.now())
    return Check(
        "Clock", ok=True, text="It is {now} ({zone}).", filled={"now": now, "zone": mailer.settings.time_zone}
    )


def _workspace(mailer: Mailer) -> Check:
    problems = tuple(each for each in mailer.check() if each.severity is Severity.BLOCKING)
    found, _ = mailer.workspace()
    filled = {
        "campaigns": len(found.campaigns),
        "issues": sum(len(each.issues) for each in found.campaigns.values()),
    }
    text = "{campaigns} campaigns, {issues} issues, no blocking problem."
    return Check("Workspace", ok=not problems, text=text, filled=filled, problems=problems)


def _sign_on(mailer: Mailer) -> Check:
    settings = mailer.settings
    problems = tuple(sign_on_problems(settings))
    filled = {"issuer": settings.oidc.issuer, "back": settings.base_url + BACK}
    text = "{issuer} answers. People come back to {back}: the provider must know this address."
    return Check("Single sign-on", ok=not problems, text=text, filled=filled, problems=problems)


_LOOKS_OF_ALL: dict[str, Callable[[Mailer], Check]] = {
    "Settings": _settings,
    "Database": _database,
    "Provider": _provider,
    "What it can do": _capabilities,
    "Clock": _clock,
    "Workspace": _workspace,
}
_LOOKS = {**_LOOKS_OF_ALL, "Single sign-on": _sign_on}
