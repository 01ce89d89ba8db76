"""`mailer status` says it where people complained."""

from pathlib import Path

from mailer.app import create_mailer
from mailer.model.columns import table
from mailer.model.ledger import Delivery
from mailer.model.mail import Kind, ProviderEvent
from mailer.tracking import record
from tests.cli.conftest import Command
from tests.conftest import NOW

REF = "newsletter/2026-06"


def test_status_warns_of_complaints(network: Path, command: Command) -> None:
    people = network / "people.csv"
    people.write_text(
        "Courriel;Newsletter\n" + "".join(f"p{n}@ville.example;oui\n" for n in range(5)), "utf-8"
    )
    assert command("import", "contacts", people).status == 0
    assert command("send", REF).status == 0
    assert "complaint" not in command("status", REF).out
    mailer = create_mailer(network)
    with mailer.store.write() as tx:
        key = tx.execute(table(Delivery).select()).first().key
        record(tx, [ProviderEvent("maildir", Kind.COMPLAINT, NOW, dedupe="1", key=key)], at=NOW)
    mailer.close()
    assert "1 complaint of 5 accepted copies (20.00%)." in command("status", REF).out
    [told] = command("status", REF, "--json").json["issues"]
    assert told["complaints"] == {"complained": 1, "accepted": 5}
