"""The child process that renders templates: `confined` runs this file as a script. It imports nothing of mailer.

One JSON document per line on standard input is a job; one per line on standard output is its answer:

    {"sources": {name: source}, "escape": true, "words": {source: translation}, "shared": {…}, "joint": "\n",
     "blocks": [[name, values, [names of ready markup]], …], "layout": name}  ->  {"text": "…"} or {"fault": …}

Whatever a template tries, it tries here: 2 s of processor time, 256 MB, 1 MB of output, no file, an empty environment
(security S2). The first line says that the process is ready.
"""

import codecs
import json
import resource
import signal
import sys
import traceback
from collections.abc import Mapping
from typing import Any

import jinja2.debug  # noqa: F401  # jinja2 fetches it at the first error, when no file can be opened any more
from jinja2 import Environment, FunctionLoader, StrictUndefined, Template, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

SECONDS = 2
MEMORY_BYTES = 256 * 2**20
OUTPUT_CHARACTERS = 2**20
#: Compiled templates are kept for this many sets of sources: the composer renders the same set again and again.
KEPT = 4

Job = Mapping[str, Any]


class TooLong(Exception):
    """The templates write more than OUTPUT_CHARACTERS."""


def main() -> None:
    """Answer jobs until standard input ends."""
    _confine()
    kept: dict[str, Environment] = {}
    _say({"ready": True})
    for line in sys.stdin.buffer:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)  # SIGPROF ends the process
        answer = _answer(json.loads(line), kept)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _say(answer)


def _confine() -> None:
    codecs.lookup(
        "unicode-escape"
    )  # jinja2 reads string literals with it; no file can be opened any more below
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _say(answer: Mapping[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


def _answer(job: Job, kept: dict[str, Environment]) -> dict[str, Any]:
    try:
        return {"text": _rendered(job, _environment(job, kept))}
    except TooLong:
        return {"fault": "output"}
    except MemoryError:
        return {"fault": "memory"}
    except TemplateSyntaxError as error:
        return {"fault": "template", "reason": error.message, "name": error.name, "line": error.lineno}
    except Exception as error:  # noqa: BLE001  # the edge of this process: a template may raise anything
        name, line = _place(error, job["sources"])
        return {"fault": "template", "reason": str(error)[:300], "name": name, "line": line}


def _environment(job: Job, kept: dict[str, Environment]) -> Environment:
    sources: dict[str, str] = job["sources"]
    key = json.dumps([sources, job["escape"]])
    if key not in kept:
        while len(kept) >= KEPT:
            del kept[next(iter(kept))]
        kept[key] = ImmutableSandboxedEnvironment(
            # The name of a template is the "file" that its tracebacks point to.
            loader=FunctionLoader(lambda name: (sources[name], name, None) if name in sources else None),
            autoescape=job["escape"],
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
    return kept[key]


def _rendered(job: Job, environment: Environment) -> str:
    words: dict[str, str] = job["words"]

    def translated(text: str, **values: object) -> str:
        said = words.get(text, text)
        for name, value in values.items():
            said = said.replace("{" + name + "}", str(value))
        return said

    shared = {**job["shared"], "t": translated}
    room = OUTPUT_CHARACTERS
    parts = []
    for name, values, ready in job["blocks"]:
        if job["escape"]:
            values |= {field: Markup(values[field]) for field in ready}  # noqa: S704  # cleaned by `markdown`
        parts.append(_written(environment.get_template(name), {**shared, **values}, room))
        room -= len(parts[-1])
    body = job["joint"].join(parts)
    if job["escape"]:
        body = Markup(body)  # noqa: S704  # rendered just now
    return _written(environment.get_template(job["layout"]), {**shared, "body": body}, OUTPUT_CHARACTERS)


def _written(template: Template, values: Mapping[str, Any], room: int) -> str:
    parts = []
    for part in template.generate(values):
        parts.append(part)
        room -= len(part)
        if room < 0:
            raise TooLong
    return "".join(parts)


def _place(error: Exception, sources: Mapping[str, str]) -> tuple[str | None, int | None]:
    """The innermost template and line where it happened."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename in sources:
            return frame.filename, frame.lineno
    return None, None


if __name__ == "__main__":
    main()
