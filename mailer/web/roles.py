"""Which role each route of the desk asks for. A route that is not in the table is refused to everybody."""

from mailer.model.accounts import Role

#: Each role may do what the former may.
ORDER = tuple(Role)

#: Route name -> the least role.
ROUTES: dict[str, Role] = {
    "week": Role.READER,
    "letters": Role.READER,
    "letter": Role.READER,
    "letter_preview": Role.READER,
    "progress": Role.READER,
    "results": Role.READER,
    "result": Role.READER,
    "campaign_results": Role.READER,
    "years": Role.READER,
    "year": Role.READER,
    # Counts only.
    "export_letters": Role.READER,
    "export_campaign": Role.READER,
    "export_report": Role.READER,
    "export_year": Role.READER,
    "audiences": Role.READER,
    "audience": Role.READER,
    "audience_people": Role.WRITER,
    "people": Role.WRITER,
    "find_person": Role.WRITER,
    "export_person": Role.SENDER,
    "erase_person": Role.ADMINISTRATOR,
    "imports": Role.SENDER,
    "import_upload": Role.SENDER,
    "import_check": Role.SENDER,
    "import_rejected": Role.SENDER,
    "import_confirm": Role.SENDER,
    "import_discard": Role.SENDER,
    "import_undo": Role.SENDER,
    "choices": Role.READER,
    "guide": Role.READER,
    "change_language": Role.READER,
    "change_theme": Role.READER,
    "change_password": Role.READER,
    "log_out": Role.READER,
    "send_proof": Role.WRITER,
    "approve": Role.APPROVER,
    "schedule": Role.SENDER,
    "send_now": Role.SENDER,
    "cancel": Role.SENDER,
    "pause": Role.SENDER,
    "resume": Role.SENDER,
    # Lists people: nobody needs it who cannot act on it.
    "unreached": Role.SENDER,
}


def is_allowed(role: str, route: str) -> bool:
    """Whether a user of this role may use this route."""
    needed = ROUTES.get(route)
    return needed is not None and role in ORDER and ORDER.index(Role(role)) >= ORDER.index(needed)
