"""Words of the import's pages: kinds, columns, encodings, separators."""

from mailer.i18n import Translator, marked

KINDS = {
    "organisations": marked("Organisations and memberships"),
    "exclusions": marked("Exclusions"),
    "contacts": marked("Contacts"),
}
DONE = {
    "import": marked("The file is imported. What it did is in the history."),
    "annulation": marked("The import is undone: what it had changed is as it was before it."),
    "abandon": marked("The file is put aside; nothing was written."),
}
COLUMNS = {
    "address": marked("e-mail address"),
    "first_name": marked("first name"),
    "last_name": marked("last name"),
    "job": marked("function"),
    "organisation": marked("organisation"),
    "siren": marked("SIREN"),
    "registered_on": marked("date of registration"),
    "source": marked("source"),
    "tracking": marked("consent to the measure of openings"),
    "name": marked("name"),
    "kind": marked("kind of organisation"),
    "departement": marked("département"),
    "region": marked("region"),
    "population": marked("population"),
    "from_on": marked("member from"),
    "until_on": marked("member until"),
    "date": marked("date"),
    "reason": marked("reason"),
}
ENCODINGS = {
    "utf-8-sig": marked("UTF-8"),
    "utf-16": marked("UTF-16"),
    "cp1252": marked("Windows-1252"),
    "iso8859-15": marked("ISO-8859-15 (Latin-9)"),
    "mac_roman": marked("Mac OS Roman (old Macs)"),
    "cp850": marked("DOS (code page 850)"),
    "": marked("workbook"),
}
SEPARATORS = {
    ";": marked("semicolon"),
    ",": marked("comma"),
    "\t": marked("tab"),
    "|": marked("vertical bar"),
    "": marked("cells of the workbook"),
}


def column(t: Translator, name: str) -> str:
    """What a recognised column means; one that subscribes names its topic."""
    topic = name.removeprefix("topic:")
    return t("subscription to {topic}", topic=topic) if topic != name else t(COLUMNS[name])


def encoding(t: Translator, code: str) -> str:
    return t(ENCODINGS[code]) if code in ENCODINGS else code
