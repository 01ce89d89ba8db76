"""The control face, on a port of its own: faults, the server's state, counts. Never under /api."""

from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import BaseModel, Field
from starlette.middleware.trustedhost import TrustedHostMiddleware

from mailer.sandbox.faults import Fault, Faults, Plan
from mailer.sandbox.ledger import Ledger
from mailer.sandbox.office import Office
from mailer.sandbox.verdicts import CLOSED
from mailer.sandbox.webhooks import Webhooks


class FaultOrder(BaseModel, extra="forbid"):
    """What to break, how often, how likely."""

    fault: Fault
    times: Annotated[int, Field(ge=1)] = 1
    probability: Annotated[float, Field(gt=0, le=1)] = 1.0
    retry_after: int | None = None
    seconds: Annotated[float, Field(ge=0)] = 2.0


class ServerOrder(BaseModel, extra="forbid"):
    """Only what is named changes; `send_limit: null` lifts the limit; mail to a closed address fails hard."""

    suspended: bool | None = None
    send_limit: Annotated[int, Field(ge=0)] | None = None
    suppress: list[str] = []
    close: list[str] = []


def control(ledger: Ledger, office: Office, faults: Faults, webhooks: Webhooks) -> FastAPI:
    """The application. A page of the web cannot reach it: the Host must be this machine, bodies must be JSON."""
    app = FastAPI(title="Sandbox control", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])

    @app.post("/faults")
    def add(order: FaultOrder) -> dict[str, Any]:
        faults.add(Plan(**order.model_dump()))
        return {"waiting": len(faults.waiting())}

    @app.delete("/faults")
    def clear() -> dict[str, Any]:
        faults.clear()
        return {"waiting": 0}

    @app.post("/server")
    def change(order: ServerOrder) -> dict[str, Any]:
        if order.suspended is not None:
            (office.suspend if order.suspended else office.resume)()
        if "send_limit" in order.model_fields_set:
            office.limit(order.send_limit)
        for address in order.suppress:
            office.suppress(address, "added by hand")
        for address in order.close:
            office.suppress(address, CLOSED)
        return {"suspended": office.suspended, "send_limit": office.send_limit}

    @app.get("/stats")
    def stats() -> dict[str, Any]:
        by_status = "SELECT status, count(*) FROM message WHERE direction = 'outgoing' GROUP BY status"
        counts = {row[0]: row[1] for row in ledger.read(by_status)}
        return {
            "accepted": sum(counts.values()),
            "statuses": counts,
            "webhooks_waiting": ledger.read("SELECT count(*) FROM hook")[0][0],
            "webhooks_delivered": webhooks.delivered,
            "faults": [{"fault": plan.fault, "times": plan.times} for plan in faults.waiting()],
            "suspended": office.suspended,
            "send_limit": office.send_limit,
        }

    return app
