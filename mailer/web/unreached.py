"""The people whom a letter did not reach, by name: for whoever may send, so that an address can be mended."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mailer.i18n import marked
from mailer.model.ledger import DeliveryState
from mailer.store import snapshots
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
    state, _ = LISTS.get(etat) or LISTS["refuses"]
    with visit.mailer.store.read() as tx:
        send = visit.mailer.running.latest(tx, ref)
        assert send.id is not None
        letter = snapshots.get(tx, send.snapshot_id)
        after = min(max(apres, 0), 2**62)
        found = unreached(tx, send.id, state=state, after=after, limit=PAGE_SIZE + 1)
    return page(
        request,
        "unreached.html",
        visit,
        here="results",
        ref=ref,
        title=letter.title,
        number=letter.number,
        lists=LISTS,
        chosen=etat if etat in LISTS else "refuses",
        people=found[:PAGE_SIZE],
        more=found[PAGE_SIZE - 1].delivery_id if len(found) > PAGE_SIZE else 0,
    )
