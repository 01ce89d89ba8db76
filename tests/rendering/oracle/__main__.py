"""`make oracle`: npm's MJML compiles what mjml-python compiles; says where the widths differ, and keeps its answers.

Compares every block, layout, construct and shipped issue. Ends with status 1 at a difference, with 0 and a sentence
where node is missing.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from mailer import workspace
from mailer.rendering import Confinement
from mailer.rendering.inlining import inlined
from mailer.rendering.mjml import checked, to_html
from tests.conftest import REPOSITORY
from tests.rendering.conftest import Press
from tests.rendering.oracle.sources import HERE, issues, sources
from tests.rendering.oracle.widths import differences, widths_in

WIDTHS = HERE / "widths.json"


def main() -> int:
    """Ask, compare, keep."""
    if not (shutil.which("node") and shutil.which("npm")):
        print("The oracle was not asked: node and npm are not on this machine.")
        return 0
    with Confinement() as confinement:
        shipped, _ = workspace.load(REPOSITORY)
        press = Press(shipped, confinement)
        kept, others = sources(press), issues(press)
    asked = {name: checked(mjml) for name, mjml in (kept | others).items()}
    answers = _asked(asked)
    theirs = {name: widths_in(inlined(answer["html"])) for name, answer in answers.items()}
    _keep({name: theirs[name] for name in kept})
    said = [*_complaints(answers), *_differences(kept | others, theirs)]
    print("\n".join(said) or f"{len(theirs)} mails: the same widths as npm's MJML {_version()}.")
    return 1 if said else 0


def _asked(sources: dict[str, str]) -> dict[str, dict[str, Any]]:
    subprocess.run(["npm", "ci", "--silent"], cwd=HERE, check=True)
    done = subprocess.run(
        ["node", "compile.mjs"],
        cwd=HERE,
        check=True,
        capture_output=True,
        text=True,
        input=json.dumps(sources),
    )
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


def _complaints(answers: dict[str, dict[str, Any]]) -> list[str]:
    return [f"{name}: MJML says {error}" for name, answer in answers.items() for error in answer["errors"]]


def _differences(sources: dict[str, str], theirs: dict[str, list[str]]) -> list[str]:
    return [
        f"{name}: {line}"
        for name, mjml in sources.items()
        for line in differences(widths_in(inlined(to_html(mjml))), theirs[name])
    ]


def _keep(widths: dict[str, list[str]]) -> None:
    lines = [f"{json.dumps(name)}: {json.dumps(found)}" for name, found in widths.items()]
    WIDTHS.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def _version() -> str:
    package: dict[str, Any] = json.loads(Path(HERE / "package.json").read_text("utf-8"))
    return str(package["devDependencies"]["mjml"])


if __name__ == "__main__":
    sys.exit(main())
