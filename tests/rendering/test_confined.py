"""A hostile template reaches nothing: no time, no memory, no file, no secret; and says where it failed (security S2)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mailer.rendering.confined import Confinement, Fault


@pytest.fixture(scope="module")
def confinement() -> Iterator[Confinement]:
    with Confinement() as found:
        yield found


def job(source: str, *, escape: bool = False, **values: Any) -> dict[str, Any]:
    return {
        "sources": {"a.j2": source},
        "escape": escape,
        "words": {"Hello {name}": "Bonjour {name}"},
        "shared": values,
        "joint": "",
        "blocks": [],
        "layout": "a.j2",
    }


def test_plain_values_are_rendered(confinement: Confinement) -> None:
    assert (
        confinement.render(job("{{ a.b[0] }} {{ t('Hello {name}', name='Léa') }}", a={"b": ["é"]}))
        == "é Bonjour Léa"
    )


def test_values_are_escaped_in_mjml(confinement: Confinement) -> None:
    assert confinement.render(job("{{ a }}", escape=True, a="<mj-raw>")) == "&lt;mj-raw&gt;"


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "time"),
        ("{{ 9 ** (9 ** 9) }}", "time"),
        ("{{ 'x' * 10 ** 9 }}", "memory"),
        ("{% for a in range(99999) %}{{ 'x' * 20 }}{% endfor %}", "output"),
        ("{{ ''.__class__.__mro__ }}", "template"),
        ("{{ a.append(1) }}", "template"),
        ("{{ missing }}", "template"),
        ("{{ lipsum() }}", "template"),
        ("{{ 1 / 0 }}", "template"),
        ("{% include '/etc/passwd' %}", "template"),
        ("{% for %}", "template"),
    ],
)
def test_a_hostile_or_broken_template_is_a_fault(confinement: Confinement, source: str, kind: str) -> None:
    found = confinement.render(job(source, a=[]))
    assert isinstance(found, Fault), found
    assert found.kind == kind


def test_the_next_job_is_done_after_a_fault_that_ended_the_process(confinement: Confinement) -> None:
    confinement.render(job("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"))
    assert confinement.render(job("still here")) == "still here"


@pytest.mark.parametrize(
    "source", ["one\ntwo\n{{ missing }}", "one\ntwo\n{{ 1 / 0 }}", "one\ntwo\n{% for %}"]
)
def test_a_fault_names_its_template_and_line(confinement: Confinement, source: str) -> None:
    found = confinement.render(job(source))
    assert isinstance(found, Fault)
    assert (found.name, found.line) == ("a.j2", 3)


def test_the_process_has_no_environment(confinement: Confinement, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILER_PROVIDER__API_KEY", "canary")
    with Confinement() as fresh:
        assert fresh.render(job("x")) == "x"
        process = fresh._process
        assert process is not None
        assert b"canary" not in Path(f"/proc/{process.pid}/environ").read_bytes()


def test_closing_ends_the_process() -> None:
    confinement = Confinement()
    confinement.render(job("x"))
    process = confinement._process
    assert process is not None
    confinement.close()
    assert process.poll() is not None
