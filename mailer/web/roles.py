"""Which role each route of the desk asks for. A route that is not in the table is refused to everybody."""

from mailer.model.accounts import Role

#: Each role may do what the former may.
ORDER = tuple(Role)

#: Route name -> the least role.
ROUTES: dict[str, Role] = {
    "week": Role.READER,
    "calendar": Role.READER,
    "move": Role.WRITER,
    # A scheduled letter asks for the role that schedules, too.
    "move_letter": Role.WRITER,
    "letters": Role.READER,
    "letter": Role.READER,
    "letter_preview": Role.READER,
    # Shows who has a number.
    "show_letter_as": Role.WRITER,
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
    "audience_left_out": Role.WRITER,
    # Writes a draft, and files that name nobody.
    "invite_to_join": Role.WRITER,
    "new_audience": Role.WRITER,
    "create_audience": Role.WRITER,
    "rule": Role.WRITER,
    "change_rule": Role.WRITER,
    "compare": Role.READER,
    "signup_form": Role.READER,
    # The list counts people; one of them names them.
    "organisations": Role.READER,
    "organisation": Role.WRITER,
    "begin_membership": Role.SENDER,
    "end_membership": Role.SENDER,
    "people": Role.WRITER,
    "find_person": Role.WRITER,
    "export_person": Role.SENDER,
    "edit_person": Role.SENDER,
    "subscribe_person": Role.SENDER,
    "move_person": Role.SENDER,
    "merge_people": Role.SENDER,
    "end_function": Role.SENDER,
    "name_successor": Role.SENDER,
    # Everybody at once: who may send may also take them away, and says why.
    "people_files": Role.SENDER,
    "export_people": Role.SENDER,
    "erase_person": Role.ADMINISTRATOR,
    "imports": Role.SENDER,
    "import_upload": Role.SENDER,
    "import_check": Role.SENDER,
    "import_advance": Role.SENDER,
    "import_rejected": Role.SENDER,
    "import_rejected_then": Role.SENDER,
    "import_confirm": Role.SENDER,
    "import_discard": Role.SENDER,
    "import_undo": Role.SENDER,
    "choices": Role.READER,
    "retention": Role.ADMINISTRATOR,
    "apply_retention": Role.ADMINISTRATOR,
    "register": Role.READER,
    "webhooks": Role.ADMINISTRATOR,
    "create_webhook": Role.ADMINISTRATOR,
    "replay_webhook": Role.ADMINISTRATOR,
    "end_webhook": Role.ADMINISTRATOR,
    "tokens": Role.ADMINISTRATOR,
    "create_token": Role.ADMINISTRATOR,
    "revoke_token": Role.ADMINISTRATOR,
    "guide": Role.READER,
    "change_language": Role.READER,
    "change_theme": Role.READER,
    # One's own account: everybody's, and nobody else's.
    "account": Role.READER,
    "choose_digests": Role.READER,
    "change_name": Role.READER,
    "change_password": Role.READER,
    "end_session": Role.READER,
    "end_other_sessions": Role.READER,
    "factor": Role.READER,
    "sign_on_anew": Role.READER,
    "turn_factor_on": Role.READER,
    "turn_factor_off": Role.READER,
    "renew_codes": Role.READER,
    "log_out": Role.READER,
    "accounts": Role.ADMINISTRATOR,
    "invite": Role.ADMINISTRATOR,
    "invite_again": Role.ADMINISTRATOR,
    "withdraw_invitation": Role.ADMINISTRATOR,
    "change_role": Role.ADMINISTRATOR,
    "deactivate": Role.ADMINISTRATOR,
    "reactivate": Role.ADMINISTRATOR,
    "reset_factor": Role.ADMINISTRATOR,
    "look_outside": Role.WRITER,
    "new_letter": Role.WRITER,
    "create_letter": Role.WRITER,
    "compose": Role.WRITER,
    "compose_save": Role.WRITER,
    "compose_preview": Role.WRITER,
    "compose_checks": Role.WRITER,
    "compose_show_as": Role.WRITER,
    "compose_presence": Role.WRITER,
    "compose_history": Role.WRITER,
    "compose_version": Role.WRITER,
    "compose_restore": Role.WRITER,
    "compose_conflict": Role.WRITER,
    "compose_resolve": Role.WRITER,
    # By mail, an approver's own account may approve, whoever asks; anybody else as by make_link.
    "compose_ask": Role.WRITER,
    "compose_ask_reading": Role.WRITER,
    "compose_take": Role.WRITER,
    "compose_take_block": Role.WRITER,
    "campaign_picture": Role.WRITER,
    "events": Role.READER,
    "event": Role.READER,
    "new_event": Role.WRITER,
    "create_event": Role.WRITER,
    # Holds back what is planned, and lets nothing leave.
    "change_event": Role.WRITER,
    "cancel_event": Role.WRITER,
    "prepare_event": Role.WRITER,
    "tell_event": Role.WRITER,
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

#: What is open before a second factor is set up, where the installation asks the role for one.
WITHOUT_FACTOR = frozenset(
    {"factor", "turn_factor_on", "sign_on_anew", "change_language", "change_theme", "log_out"}
)


def is_allowed(role: str, route: str) -> bool:
    """Whether a user of this role may use this route."""
    needed = ROUTES.get(route)
    return needed is not None and role in ORDER and ORDER.index(Role(role)) >= ORDER.index(needed)
