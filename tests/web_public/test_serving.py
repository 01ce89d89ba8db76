"""Web version, media and webhooks over real HTTP."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from mailer.model.columns import table
from mailer.model.events import Event, OpenCount
from mailer.model.ledger import Outcome
from mailer.rendering.slots import SlotKind, mark
from mailer.store import Store
from mailer.tokens import Purpose
from tests.subscribing.people import exclusions
from tests.tracking.ledger import LINKS, Ledger
from tests.web_public.conftest import SECRET, Site

NAME = "ab" * 32


def test_the_web_version_has_plain_links_and_no_pixel(site: Site, ledger: Ledger, store: Store) -> None:
    html = f'<p>Bonjour</p><a href="{mark(SlotKind.LINK, "1")}">Appel</a>{mark(SlotKind.PIXEL)}<script>x</script>'
    delivery = ledger.deliver(ledger.send(html=html), ledger.contact())
    answer = site.get(ledger.signer.url("", Purpose.VIEW, delivery.key.encode()))
    site.hits.flush()
    assert f'href="{LINKS[1]}"' in answer.text
    assert "<img" not in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    with store.read() as tx:
        assert tx.execute(select(func.count()).select_from(table(OpenCount))).scalar_one() == 0


def test_a_medium_is_served_for_ever_and_never_sniffed(site: Site) -> None:
    folder = site.state / "media"
    folder.mkdir(parents=True)
    (folder / f"{NAME}.png").write_bytes(b"png")
    (folder / f"{NAME}.csv").write_bytes(b"a;b")
    image, file = site.get(f"/media/{NAME}.png"), site.get(f"/media/{NAME}.csv")
    assert (image.content, image.headers["Content-Type"]) == (b"png", "image/png")
    assert "immutable" in image.headers["Cache-Control"]
    assert image.headers["X-Content-Type-Options"] == "nosniff"
    assert file.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("suffix", ["pdf", "txt", "ics", "docx", "odt", "xlsx", "ods", "pptx", "odp"])
def test_every_kind_of_file_that_a_letter_may_offer_is_served_as_a_file(site: Site, suffix: str) -> None:
    folder = site.state / "media"
    folder.mkdir(parents=True)
    (folder / f"{NAME}.{suffix}").write_bytes(b"x")
    answer = site.get(f"/media/{NAME}.{suffix}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "name", ["secret", "..%2Fsecret", f"{NAME}.svg", f"{NAME}.html", f"{NAME}.png", f"{NAME}.png%0a"]
)
def test_nothing_else_of_the_folder_is_served(site: Site, name: str) -> None:
    (site.state / "media").mkdir(parents=True)
    (site.state / "secret").write_text("secret")
    (site.state / "media" / f"{NAME}.svg").write_text("<svg/>")
    assert site.get(f"/media/{name}").status_code == 404


def test_a_webhook_is_recorded_before_it_is_answered(site: Site, ledger: Ledger, store: Store) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    for _ in range(2):
        assert site.hook(["hard_bounce", delivery.key]).status_code == 200
    assert ledger.delivery(delivery.key).outcome == Outcome.BOUNCED
    assert exclusions(store) == [("alix@ville.example", "*", "hard_bounce")]


@pytest.mark.parametrize(
    ("path", "signed", "status"),
    [
        ("/hooks/maildir/another-secret", "yes", 404),
        ("/hooks/maildir/é", "yes", 404),
        (f"/hooks/postal/{SECRET}", "yes", 404),
        (f"/hooks/maildir/{SECRET}", "no", 401),
    ],
)
def test_a_webhook_that_is_not_the_provider_s_records_nothing(
    site: Site, ledger: Ledger, path: str, signed: str, status: int
) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    assert site.hook(["hard_bounce", delivery.key], signed=signed, path=path).status_code == status
    assert ledger.delivery(delivery.key).outcome is None


def test_a_webhook_of_no_shape_or_too_long_is_refused(site: Site) -> None:
    place, headers = f"/hooks/maildir/{SECRET}", {"X-Signed": "yes"}
    assert site.post(place, data=b"{", headers=headers).status_code == 400
    assert site.post(place, data=b" " * 1_000_001, headers=headers).status_code == 413
    assert site.get(place).status_code == 405


def test_webhooks_that_come_all_at_once_are_each_recorded_once(
    site: Site, ledger: Ledger, store: Store
) -> None:
    send = ledger.send()
    keys = []
    for number in range(40):
        address = f"p{number}@ville.example"
        keys.append(ledger.deliver(send, ledger.contact(address), address).key)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda key: site.hook(["delivered", key]).status_code, keys * 2))
    assert set(answers) == {200}
    with store.read() as tx:
        assert tx.execute(select(func.count()).select_from(table(Event))).scalar_one() == 40


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)  # PostgreSQL calls a missing table our fault
def test_a_database_that_refuses_makes_the_provider_come_again(
    site: Site, ledger: Ledger, store: Store
) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    with store.write() as tx:
        tx.exec_driver_sql("ALTER TABLE event RENAME TO event_away")
    assert site.hook(["delivered", delivery.key]).status_code == 503
    with store.write() as tx:
        tx.exec_driver_sql("ALTER TABLE event_away RENAME TO event")
    assert site.hook(["delivered", delivery.key]).status_code == 200


def test_webhooks_are_counted_by_kind_and_refusals_by_reason(site: Site, ledger: Ledger) -> None:
    key = ledger.deliver(ledger.send(), ledger.contact()).key
    site.hook(["delivered", key], ["complaint", key])
    site.hook(["delivered", key], signed="no")
    site.post(f"/hooks/maildir/{SECRET}", data="{", headers={"X-Signed": "yes"})
    counted = {
        (sample.name, *sample.labels.values()): sample.value
        for family in site.hook_counts.registry.collect()
        for sample in family.samples
        if sample.name.endswith("_total")
    }
    assert counted == {
        ("relais_webhook_events_total", "maildir", "delivered"): 1,
        ("relais_webhook_events_total", "maildir", "complaint"): 1,
        ("relais_webhooks_refused_total", "maildir", "signature"): 1,
        ("relais_webhooks_refused_total", "maildir", "malformed"): 1,
    }
