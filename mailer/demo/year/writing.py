"""The workspace of the year: its letters as files, its campaigns, and its people as the files that are imported."""

import csv
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from mailer.demo.year.calendar import Departure

DATA = Path(__file__).parent.parent / "data"
#: Newcomers whom each month's file brings, of a year with everybody.
ARRIVALS = 30
_ENCODING = "utf-8-sig"
_SUBJECTS_OF = {"newsletter": 4, "flash": 2}
_SEGMENTS = {
    "une-personne-par-adherent": 'title = "Une personne par collectivité adhérente"\nmembers_only = true\n'
    'one_per = "organisation"\njobs = ["élu·e", "direction générale", "cabinet"]\n',
    "elus": 'title = "Élues et élus"\n\n[[where]]\nfield = "contact.job"\nis = "élu·e"\n',
    "charges-de-mission": 'title = "Chargées et chargés de mission"\n\n[[where]]\nfield = "contact.job"\n'
    'is = "chargé·e de mission ESS"\n',
}


@dataclass(frozen=True, slots=True)
class Story:
    """What the year writes about; see `data/annee.toml`."""

    opening: Sequence[float]
    subjects: Sequence[Mapping[str, str]]
    events: Sequence[Mapping[str, str]]
    campaigns: Mapping[str, Mapping[str, str]]


def load_story() -> Story:
    values: dict[str, Any] = tomllib.loads((DATA / "annee.toml").read_text("utf-8"))
    return Story(**values)


def write_workspace(folder: Path, story: Story, letters: Sequence[Departure]) -> None:
    """The shipped workspace, already copied there, becomes that of the year: only the year's letters are in it."""
    for shipped in (folder / "campaigns").glob("*/*.md"):
        shipped.unlink()
    (folder / "audiences" / "elus-petites-villes.toml").unlink()
    for slug, text in _SEGMENTS.items():
        (folder / "audiences" / f"{slug}.toml").write_text(text, "utf-8")
    for slug, said in story.campaigns.items():
        _write_campaign(folder / "campaigns" / slug, said)
    _label(folder / "campaigns" / "newsletter", "La Newsletter", "La Newsletter, simulée")
    _label(folder / "campaigns" / "flash", "Flash hebdo", "Flash hebdo, simulé")
    for each in letters:
        path = folder / "campaigns" / each.campaign / f"{each.issue}.md"
        path.write_text(_letter(each, story), "utf-8")


def write_people(folder: Path, *, people: int | None) -> None:
    """The files of the demo; of a small year so many contacts, every other one a subscriber of the flash."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("collectivites.csv", "desinscrits.csv"):
        (folder / name).write_bytes((DATA / name).read_bytes())
    header, rows = _contacts()
    if people is not None:
        flash = [row for row in rows if row["Flash hebdo"] == "oui" and row["SIREN"]][: people // 2]
        others = [row for row in rows if row["Flash hebdo"] != "oui" and row["Newsletter"] == "oui"]
        rows = [*flash, *others[: people - len(flash)]]
    _write_rows(folder / "contacts.csv", header, rows)


def write_arrivals(folder: Path, month: int, *, count: int, on: date) -> Path:
    """Invented newcomers of one month, named after people of the demo's file; the same at every play."""
    header, rows = _contacts()
    draw = Random(month)  # noqa: S311  # a play, not a secret
    path = folder / f"arrivees-{month:02}.csv"
    _write_rows(path, header, [_arrival(draw, rows, month, place, on) for place in range(count)])
    return path


def _arrival(
    draw: Random, rows: Sequence[Mapping[str, str]], month: int, place: int, on: date
) -> dict[str, str]:
    return {
        "Courriel": f"arrivee-{month:02}-{place:02}@nouveaux.example",
        "Prénom": draw.choice(rows)["Prénom"],
        "Nom": draw.choice(rows)["Nom"],
        "Fonction": "association",
        "Newsletter": "oui",
        "Flash hebdo": "non",
        "Date d'inscription": on.strftime("%d/%m/%Y"),
        "Source": "salon",
        "Mesure d'ouverture": draw.choice(["oui", ""]),
    }


def _contacts() -> tuple[Sequence[str], list[dict[str, str]]]:
    with (DATA / "contacts.csv").open(encoding=_ENCODING, newline="") as file:
        reader = csv.DictReader(file, delimiter=";")
        return reader.fieldnames or (), list(reader)


def _write_rows(path: Path, header: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    with path.open("w", encoding=_ENCODING, newline="") as file:
        writer = csv.DictWriter(file, header, delimiter=";", restval="")
        writer.writeheader()
        writer.writerows(rows)


def _write_campaign(folder: Path, said: Mapping[str, str]) -> None:
    folder.mkdir()
    (folder / "campaign.toml").write_text(
        f'title = "{said["title"]}"\ntopic = "newsletter"\nsegment = "{said["segment"]}"\nlayout = "mailing"\n'
        'rhythm = "adhoc"\nreply_to = "evenements@reseau.example"\none_per_day = false\ntracking = "none"\n\n'
        '[sender]\nname = "Réseau des territoires solidaires"\naddress = "evenements@reseau.example"\n',
        "utf-8",
    )


def _label(folder: Path, title: str, labelled: str) -> None:
    """What is simulated says so wherever the campaign is named."""
    path = folder / "campaign.toml"
    path.write_text(path.read_text("utf-8").replace(f'"{title}"', f'"{labelled}"', 1), "utf-8")


def _letter(each: Departure, story: Story) -> str:
    many = _SUBJECTS_OF.get(each.campaign)
    return "\n".join(_series(each, story, many) if many else _mailing(each, story))


def _series(each: Departure, story: Story, many: int) -> Iterator[str]:
    first = (each.number - 1) * many
    chosen = [story.subjects[(first + place) % len(story.subjects)] for place in range(many)]
    yield from ("---", f'subject: "{chosen[0]["title"]}"', f'preheader: "{chosen[1]["title"]}"')
    yield from (f"number: {each.number}", "---", "")
    for subject in chosen:
        yield f'::: article {{link="{subject["link"]}" label="{subject["label"]}"}}'
        yield from (f"# {subject['title']}", subject["text"], ":::", "")


def _mailing(each: Departure, story: Story) -> Iterator[str]:
    event = story.events[each.number % len(story.events)]
    subject = story.campaigns[each.campaign]["subject"].format(title=event["title"])
    yield from ("---", f'subject: "{subject}"', f'preheader: "{event["place"]}"', "---", "")
    yield from ("::: text", "Bonjour {{ first_name | chère collègue, cher collègue }},", "")
    yield f"**{event['title']}**, {event['place']} : le programme et les inscriptions sont en ligne."
    yield from (
        ":::",
        "",
        '::: button {link="https://agenda.reseau.example/evenements" label="Voir le programme"}',
        ":::",
        "",
    )
