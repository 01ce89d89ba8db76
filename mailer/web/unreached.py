"""The people whom a letter did not reach, by name: for whoever may send, so that an address can be mended."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mailer.errors import NotFoundError
from mailer.i18n import marked
from mailer.model.ledger import DeliveryState
from mailer.store import sends
from mailer.store.unreached import unreached
from mailer.web.pages import page
from mailer.web.visits import Visiting

router = APIRouter()

#: What the address says of a state -> the state, and the heading of its list.
LISTS = {
    "refuses": (DeliveryState.REFUSED, marked("Refused people")),
    "exclus": (DeliveryState.EXCLUDED, marked("Excluded people")),
    "incertains": (DeliveryState.IN_DOUBT, marked("In doubt")),
}
PAGE_SIZE = 100


@router.get("/resultats/{campaign}/{issue}/personnes", name="unreached")
def people(
    request: Request, visit: Visiting, campaign: str, issue: str, etat: str = "refuses", apres: int = 0
) -> Response:
    """A hundred at a time; `apres` is a row of the ledger, never an address: addresses stay out of every URL."""
    ref = f"{campaign}/{issue}"
    _, series, letter = visit.mailer.find(ref)
    state, _ = LISTS.get(etat) or LISTS["refuses"]
    with visit.mailer.store.read() as tx:
        send = sends.latest(tx, ref)
        if send is None or send.id is None:
            raise NotFoundError("{ref} was never scheduled. Schedule it first.", ref=ref)
        after = min(max(apres, 0), 2**62)
        found = unreached(tx, send.id, state=state, after=after, limit=PAGE_SIZE + 1)
    return page(
        request,
        "unreached.html",
        visit,
        here="results",
        ref=ref,
        title=series.title,
        number=letter.number,
        lists=LISTS,
        chosen=etat if etat in LISTS else "refuses",
        people=found[:PAGE_SIZE],
        more=found[PAGE_SIZE - 1].delivery_id if len(found) > PAGE_SIZE else 0,
    )
