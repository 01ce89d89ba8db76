"""`/organisations`, with their periods of membership."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from mailer.app import directory
from mailer.model.access import Scope
from mailer.model.people import OrganisationKind
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
from mailer.web.api.records import ExternalId, Organisation, OrganisationPatch, OrganisationPut, Page, Siren

router = APIRouter(prefix="/organisations", tags=["organisations"])
_ONE: dict[str, Any] = {"response_model": Organisation}
_HELD: dict[int | str, dict[str, Any]] = {200: {"headers": ETAG}}


@router.get(
    "",
    summary="List organisations",
    response_model=Page[Organisation],
    responses=documented(),
    **rights(Scope.ORGANISATIONS_READ),
)
def list_organisations(
    call: Calling,
    cursor: Cursor = None,
    limit: Limit = 50,
    updated_since: Since = None,
    kind: OrganisationKind | None = None,
    siren: Annotated[Siren | None, Query()] = None,
    external_id: Annotated[ExternalId | None, Query()] = None,
) -> Any:
    after, since = place(cursor), moment(updated_since)
    equal = {"kind": kind.value if kind else None, "siren": siren, "external_id": external_id}
    with call.mailer.store.read() as tx:
        return paged(rows.organisations_after(tx, after, limit=limit + 1, since=since, **equal), limit)


@router.get(
    "/{organisation_id}",
    summary="Read an organisation",
    responses={**_HELD, **documented(404)},
    **_ONE,
    **rights(Scope.ORGANISATIONS_READ),
)
def get_organisation(call: Calling, response: Response, organisation_id: Id) -> Any:
    with call.mailer.store.read() as tx:
        return stamped(response, directory.organisations.get(tx, organisation_id))


@router.put(
    "",
    summary="Create or replace an organisation",
    description="Found by `external_id`, else by `siren`; one of the two is needed. The same again changes nothing. "
    "One that is there already is replaced only with If-Match: its ETag, or `*` for whatever stands there.",
    responses={
        **_HELD,
        201: {"model": Organisation, "description": "Created", "headers": ETAG},
        **documented(409, 412, 428),
    },
    **_ONE,
    **rights(Scope.ORGANISATIONS_WRITE),
)
def put_organisation(
    call: Calling, response: Response, body: OrganisationPut, if_match: IfMatch = None
) -> Any:
    record, is_new = directory.organisations.put(
        call.mailer, _values(body), expected=expected(if_match), by=call.by
    )
    response.status_code = 201 if is_new else 200
    return stamped(response, record)


@router.patch(
    "/{organisation_id}",
    summary="Change an organisation",
    description="Needs If-Match. `memberships` that are given are all there are.",
    responses={**_HELD, **documented(404, 409, 412, 428)},
    **_ONE,
    **rights(Scope.ORGANISATIONS_WRITE),
)
def change_organisation(
    call: Calling, response: Response, organisation_id: Id, body: OrganisationPatch, if_match: IfMatch = None
) -> Any:
    record = directory.organisations.change(
        call.mailer, organisation_id, _values(body), expected=expected(if_match), by=call.by
    )
    return stamped(response, record)


def _values(body: OrganisationPatch) -> dict[str, Any]:
    values = body.model_dump(exclude_unset=True)
    return {
        name: value.value if isinstance(value, OrganisationKind) else value for name, value in values.items()
    }
