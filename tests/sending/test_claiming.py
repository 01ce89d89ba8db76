"""By which index the next deliveries are found: with another, a send of a million grows slower with each mail."""

import pytest
from sqlalchemy import text

from mailer.model.ledger import DeliveryState
from mailer.sending.starting import start
from mailer.store import Tx
from mailer.store.claims import next_in
from tests.conftest import NOW
from tests.sending.world import World


@pytest.mark.parametrize("state", [DeliveryState.PLANNED, DeliveryState.IN_DOUBT])
def test_a_claim_is_found_by_the_index_of_work(world: World, state: DeliveryState) -> None:
    """Also where all is still planned, and the primary key seems as good."""
    world.people(200)
    send_id = world.schedule()
    with world.store.write() as tx:
        start(tx, send_id, signer=world.signer, state=world.settings.state, at=NOW)
        tx.execute(text("ANALYZE"))
        plan = planned(
            tx, state, its_send=send_id, now=NOW, beyond=NOW, at_most=16, doubts_after=NOW, doubts_at=""
        )
    assert "ix_delivery_work" in plan
    assert "pk_delivery" not in plan
    assert "TEMP B-TREE" not in plan


def planned(tx: Tx, state: DeliveryState, **values: object) -> str:
    """How the database would go about it in a table that is too large to be read or sorted whole."""
    explain = "EXPLAIN QUERY PLAN"
    if tx.dialect.name == "postgresql":
        explain = "EXPLAIN"
        for large in ("seqscan", "sort", "bitmapscan"):
            tx.execute(text(f"SET LOCAL enable_{large} = off"))
    statement = next_in(state).params(values)
    compiled = statement.compile(dialect=tx.dialect, compile_kwargs={"literal_binds": True})
    return "\n".join(str(tuple(row)) for row in tx.exec_driver_sql(f"{explain} {compiled}"))
