"""Subscriptions: a contact and a topic, under `/contacts/{id}/subscriptions`, and the list of all."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from mailer.app import directory
from mailer.app.directory.subscriptions import Consent
from mailer.model.access import Scope
from mailer.model.people import SubscriptionState
from mailer.store import directory as rows
from mailer.web.api.access import Calling, rights
from mailer.web.api.paging import Cursor, Id, Limit, Since, moment, paged, place
from mailer.web.api.problems import documented
from mailer.web.api.records import MOST_ID, Leaving, Page, Subscribing, Subscription, Word

router = APIRouter(tags=["subscriptions"])
_TOPIC = r"^[a-z0-9]+(-[a-z0-9]+)*$"
Topic = Annotated[str, Path(max_length=80, pattern=_TOPIC)]


@router.get(
    "/subscriptions",
    summary="List subscriptions",
    response_model=Page[Subscription],
    responses=documented(),
    **rights(Scope.SUBSCRIPTIONS_READ),
)
def list_subscriptions(
    call: Calling,
    cursor: Cursor = None,
    limit: Limit = 50,
    updated_since: Since = None,
    topic: Annotated[Word | None, Query()] = None,
    state: SubscriptionState | None = None,
    contact_id: Annotated[int | None, Query(ge=1, le=MOST_ID)] = None,
) -> Any:
    after, since = place(cursor), moment(updated_since)
    equal = {"topic": topic, "state": state.value if state else None, "contact_id": contact_id}
    with call.mailer.store.read() as tx:
        return paged(rows.subscriptions_after(tx, after, limit=limit + 1, since=since, **equal), limit)


@router.get(
    "/contacts/{contact_id}/subscriptions",
    summary="Read a contact's subscriptions",
    response_model=list[Subscription],
    responses=documented(404),
    **rights(Scope.SUBSCRIPTIONS_READ),
)
def get_subscriptions(call: Calling, contact_id: Id) -> Any:
    return directory.subscriptions.of_contact(call.mailer, contact_id)


@router.put(
    "/contacts/{contact_id}/subscriptions/{topic}",
    summary="Subscribe a contact to a topic",
    description="Whoever left comes back by a new consent only: with its proof, or by the mail with a link "
    "(`confirm`). After a bounce, a complaint, an exclusion by hand or an erasure nobody does.",
    response_model=Subscription,
    responses={
        202: {"model": Subscription, "description": "A mail with a link waits to leave"},
        **documented(404, 409),
    },
    **rights(Scope.SUBSCRIPTIONS_WRITE),
)
def subscribe(call: Calling, response: Response, contact_id: Id, topic: Topic, body: Subscribing) -> Any:
    if body.confirm:
        directory.subscriptions.ask(call.mailer, contact_id, topic, by=call.by)
        response.status_code = 202
        return {"contact_id": contact_id, "topic": topic, "state": "pending", "at": call.mailer.clock.now()}
    proof = Consent(body.consent.wording, body.consent.given_at) if body.consent else None
    return directory.subscriptions.subscribe(
        call.mailer, contact_id, topic, consent=proof, source=body.source, by=call.by
    )


@router.post(
    "/contacts/{contact_id}/unsubscribe",
    summary="Unsubscribe a contact from a topic, or from everything",
    description="Takes effect at once. Safe to repeat.",
    status_code=204,
    responses=documented(404),
    **rights(Scope.SUBSCRIPTIONS_WRITE),
)
def unsubscribe(call: Calling, contact_id: Id, body: Leaving) -> None:
    directory.subscriptions.unsubscribe(call.mailer, contact_id, body.topic, source=body.source, by=call.by)
