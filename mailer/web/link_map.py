"""The mail as it left, each link with its clicks: a document without origin or network, like every preview."""

import base64
import mimetypes
from datetime import date

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from mailer.app import Mailer
from mailer.app.editions import READER
from mailer.app.preview import preview_links
from mailer.model.ledger import Snapshot
from mailer.model.report import Report
from mailer.rendering import Copies, mark_links
from mailer.store import sends, snapshots
from mailer.web import figures
from mailer.web.previews import coloured
from mailer.web.protection import PREVIEW_POLICY
from mailer.web.visits import Visit, Visiting

router = APIRouter()


@router.get("/resultats/{campaign}/{issue}/liens", name="result_links")
def result_links(visit: Visiting, campaign: str, issue: str) -> Response:
    """Where clicks are not counted, or are of a handful, the mail has no marks: nothing is not the same as none."""
    ref = f"{campaign}/{issue}"
    report = visit.mailer.report(ref)
    html = _mail(visit.mailer, *_frozen(visit.mailer, ref))
    if figures.is_followed(report):
        html = mark_links(html, _marks(visit, report))
    return HTMLResponse(coloured(html, dark=False), headers={"Content-Security-Policy": PREVIEW_POLICY})


def _frozen(mailer: Mailer, ref: str) -> tuple[Snapshot, date]:
    """What left, and on which day."""
    with mailer.store.read() as tx:
        send = sends.latest(tx, ref)
        assert send is not None
        return snapshots.get(tx, send.snapshot_id), send.day


def _mail(mailer: Mailer, snapshot: Snapshot, day: date) -> str:
    """As a made-up reader has it, its pictures as data."""
    copies = Copies.of(snapshot, day=day)
    html = copies.content(READER, preview_links(mailer.settings.base_url)).html
    for name in snapshot.media:
        kind, _ = mimetypes.guess_type(name)
        path = mailer.settings.state / "media" / name
        if kind and kind.startswith("image/") and path.is_file():
            data = base64.b64encode(path.read_bytes()).decode()
            html = html.replace(f"{mailer.settings.base_url}/media/{name}", f"data:{kind};base64,{data}")
    return html


def _marks(visit: Visit, report: Report) -> dict[str, str]:
    """An address that stands twice in the table, in two places of the mail, is one in the mail: its clicks together."""
    counted: dict[str, int] = {}
    for link in (each for each in report.links if each.clicks is not None):
        counted[link.url] = counted.get(link.url, 0) + (link.clicks or 0)
    return {url: visit.t.plural("{count} click", "{count} clicks", count) for url, count in counted.items()}
