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
    "result_links": Role.READER,
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
    "new_audience": Role.WRITER,
    "create_audience": Role.WRITER,
    "rule": Role.WRITER,
    "change_rule": Role.WRITER,
    "compare": Role.READER,
    "signup_form": Role.READER,
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
    "look_outside": Role.WRITER,
    "new_letter": Role.WRITER,
    "create_letter": Role.WRITER,
    "compose": Role.WRITER,
    "compose_save": Role.WRITER,
    "compose_preview": Role.WRITER,
    "compose_checks": Role.WRITER,
    "compose_presence": Role.WRITER,
    "compose_history": Role.WRITER,
    "compose_version": Role.WRITER,
    "compose_restore": Role.WRITER,
    "compose_conflict": Role.WRITER,
    "compose_take": Role.WRITER,
    "compose_take_block": Role.WRITER,
    "campaign_picture": Role.WRITER,
    "send_proof": Role.WRITER,
    "prepare_erratum": Role.WRITER,
    # An approver's link may approve, a writer's only take remarks.
    "make_link": Role.WRITER,
    "withdraw_link": Role.WRITER,
    "approve": Role.APPROVER,
    "schedule": Role.SENDER,
    "send_now": Role.SENDER,
    "cancel": Role.SENDER,
    "pause": Role.SENDER,
    "resume": Role.SENDER,
    "look_up_doubts": Role.SENDER,
    "send_doubts_again": Role.SENDER,
    "give_up_doubts": Role.SENDER,
    # Lists people: nobody needs it who cannot act on it.
    "unreached": Role.SENDER,
}


def is_allowed(role: str, route: str) -> bool:
    """Whether a user of this role may use this route."""
    needed = ROUTES.get(route)
    return needed is not None and role in ORDER and ORDER.index(Role(role)) >= ORDER.index(needed)
