"""`mailer token`: make, list and end the tokens of the API."""

from typing import Annotated

import typer

from mailer.app import access
from mailer.cli.output import BY, Json, opened, print_json, print_table, say
from mailer.errors import InputError
from mailer.model.access import ApiToken


def token(
    name: Annotated[
        str | None, typer.Argument(help="The program that gets it; none: list the tokens.")
    ] = None,
    scope: Annotated[list[str] | None, typer.Option(help="contacts:read …; may be repeated.")] = None,
    days: Annotated[int, typer.Option(help="How long it holds.")] = 365,
    revoke: Annotated[int | None, typer.Option(help="End the token of this number.")] = None,
    as_json: Json = False,
) -> None:
    """Make a token of the API, shown once; list them; or end one at once."""
    with opened() as mailer:
        t = mailer.translator()
        if revoke is not None:
            if name is not None:
                raise InputError("Either make a token or end one.")
            access.revoke(mailer, revoke, by=BY)
            _told(t("The token is ended: its next request is refused."), {"revoked": revoke}, as_json=as_json)
        elif name is None:
            found = access.every(mailer)
            if as_json:
                print_json({"tokens": [_values(each) for each in found]})
            else:
                headings = ("", t("Program"), t("Rights"), t("Holds until"), t("Last use"), t("Ended"))
                print_table(headings, [_row(each) for each in found])
        else:
            number, secret = access.create(mailer, name=name, scopes=scope or (), days=days, by=BY)
            said = t("Token {number}, shown this once: {secret}", number=number, secret=secret)
            _told(said, {"id": number, "token": secret}, as_json=as_json)


def _told(sentence: str, values: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        print_json(values)
    else:
        say(sentence)


def _values(each: ApiToken) -> dict[str, object]:
    return each.model_dump(exclude={"digest"})


def _row(each: ApiToken) -> tuple[object, ...]:
    ended = each.revoked_at.date() if each.revoked_at else ""
    return each.id, each.name, " ".join(each.scopes), each.expires_at.date(), each.last_used_on or "", ended
