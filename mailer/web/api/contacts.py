"""`/contacts`. Addresses stand in bodies only: those of pages end in logs and histories."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from mailer.app import directory, local_days
from mailer.model.access import Scope
from mailer.store import directory as rows
from mailer.web.api.access import Calling, rights
from mailer.web.api.paging import (
    ETAG,
    Cursor,
    Id,
    IfMatch,
    Limit,
    Since,
    expected,
    moment,
    paged,
    place,
    stamped,
)
from mailer.web.api.problems import documented
from mailer.web.api.records import (
    MOST_ID,
    Contact,
    ContactPatch,
    ContactPut,
    ContactSearch,
    Excluding,
    ExternalId,
    Page,
    TrackingAnswer,
)

router = APIRouter(prefix="/contacts", tags=["contacts"])
_ONE: dict[str, Any] = {"response_model": Contact}
_HELD: dict[int | str, dict[str, Any]] = {200: {"headers": ETAG}}


@router.get(
    "",
    summary="List contacts",
    response_model=Page[Contact],
    responses=documented(),
    **rights(Scope.CONTACTS_READ),
)
def list_contacts(
    call: Calling,
    cursor: Cursor = None,
    limit: Limit = 50,
    updated_since: Since = None,
    organisation_id: Annotated[int | None, Query(ge=1, le=MOST_ID)] = None,
    external_id: Annotated[ExternalId | None, Query()] = None,
) -> Any:
    after, since = place(cursor), moment(updated_since)
    equal = {"organisation_id": organisation_id, "external_id": external_id}
    with call.mailer.store.read() as tx:
        return paged(rows.contacts_after(tx, after, limit=limit + 1, since=since, **equal), limit)


@router.post(
    "/search",
    summary="Find a contact by address or external id",
    responses={**_HELD, **documented(404)},
    **_ONE,
    **rights(Scope.CONTACTS_READ),
)
def search_contact(call: Calling, response: Response, body: ContactSearch) -> Any:
    found = directory.contacts.find(call.mailer, address=body.address, external_id=body.external_id)
    return stamped(response, found)


@router.get(
    "/{contact_id}",
    summary="Read a contact",
    responses={**_HELD, **documented(404)},
    **_ONE,
    **rights(Scope.CONTACTS_READ),
)
def get_contact(call: Calling, response: Response, contact_id: Id) -> Any:
    with call.mailer.store.read() as tx:
        return stamped(response, directory.contacts.get(tx, contact_id))


@router.put(
    "",
    summary="Create or replace a contact",
    description="Found by `external_id`, else by `address`, a former one included. The same again changes nothing. A contact that is there "
    "already is replaced only with If-Match: its ETag, or `*` for whatever stands there.",
    responses={
        **_HELD,
        201: {"model": Contact, "description": "Created", "headers": ETAG},
        **documented(409, 412, 428),
    },
    **_ONE,
    **rights(Scope.CONTACTS_WRITE),
)
def put_contact(call: Calling, response: Response, body: ContactPut, if_match: IfMatch = None) -> Any:
    values = body.model_dump(exclude_unset=True, exclude={"source"})
    if values.get("registered_on") is None:
        mailer = call.mailer
        values["registered_on"] = local_days.today(mailer)
    record, is_new = directory.contacts.put(
        call.mailer, values, expected=expected(if_match), source=body.source, by=call.by
    )
    response.status_code = 201 if is_new else 200
    return stamped(response, record)


@router.patch(
    "/{contact_id}",
    summary="Change a contact",
    description="Needs If-Match. Another address is a move: what the person said goes with them.",
    responses={**_HELD, **documented(404, 409, 412, 428)},
    **_ONE,
    **rights(Scope.CONTACTS_WRITE),
)
def change_contact(
    call: Calling, response: Response, contact_id: Id, body: ContactPatch, if_match: IfMatch = None
) -> Any:
    values = body.model_dump(exclude_unset=True)
    record = directory.contacts.change(
        call.mailer, contact_id, values, expected=expected(if_match), by=call.by
    )
    return stamped(response, record)


@router.post(
    "/{contact_id}/tracking",
    summary="Write down an answer about the measure of openings",
    description="A refusal is never lifted here: only the person does that, on their own page.",
    responses={**_HELD, **documented(404, 409)},
    **_ONE,
    **rights(Scope.CONTACTS_WRITE),
)
def answer_measure(call: Calling, response: Response, contact_id: Id, body: TrackingAnswer) -> Any:
    act = directory.contacts.accept_measure if body.state == "granted" else directory.contacts.refuse_measure
    record = act(call.mailer, contact_id, evidence=body.evidence, source=body.source, by=call.by)
    return stamped(response, record)


@router.post(
    "/{contact_id}/exclusions",
    summary="Exclude a contact",
    description="Nothing is sent to them any more. Only a person at the desk takes that back. Safe to repeat.",
    responses={**_HELD, **documented(404)},
    **_ONE,
    **rights(Scope.SUBSCRIPTIONS_WRITE),
)
def exclude_contact(call: Calling, response: Response, contact_id: Id, body: Excluding) -> Any:
    record = directory.contacts.exclude(
        call.mailer, contact_id, scope=body.scope, source=body.source, by=call.by
    )
    return stamped(response, record)
