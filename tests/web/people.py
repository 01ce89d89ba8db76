"""A small network: two members, one former member, and people in them; imported as an officer would."""

from pathlib import Path

from mailer.app import Mailer

ORGANISATIONS = """siren;nom;type;departement;region;adhesion_depuis;adhesion_jusque
211300561;Ville de Martigues;ville;Bouches-du-Rhône;Sud;2014-01-01;
219733029;Ville de Cayenne;ville;Guyane;Guyane;2005-01-01;
356000000;Agglo du Passé;intercommunalité;Gers;Occitanie;2010-01-01;2020-12-31
"""
CONTACTS = """Courriel;Prénom;Nom;Fonction;SIREN;Newsletter;Flash;Mesure d'ouverture;Source
anne@martigues.example;Anne;Aude;presse;211300561;oui;oui;oui;Salon
bo@martigues.example;<b>Bo</b>;=1+1;élue;211300561;oui;;;Salon
cleo@cayenne.example;Cléo;Cros;direction;219733029;oui;;;Site
driss@passe.example;Driss;Dal;presse;356000000;oui;oui;;Site
elie@passe.example;Élie;Est;presse;356000000;;oui;;Site
"""
EXCLUSIONS = "Courriel;Date;Motif\nelie@passe.example;2026-01-02;plainte\n"


def add_people(mailer: Mailer, folder: Path) -> None:
    for kind, text in {
        "organisations": ORGANISATIONS,
        "exclusions": EXCLUSIONS,
        "contacts": CONTACTS,
    }.items():
        path = folder / f"{kind}.csv"
        path.write_text(text, "utf-8")
        mailer.import_file(kind, path, by="claude@reseau.example")
