"""A crowd of contacts at once, written by statements: what the figures at a million stand on."""

from sqlalchemy import bindparam, text

from bench.measure import DATA
from bench.people import AT
from mailer.importing import IMPORTS, read_table
from mailer.model.columns import Instant
from mailer.store import Store

#: So many of the example organisations stand in the file.
_ORGANISATIONS = 197
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)"
_STATEMENTS = (
    f"""
    INSERT INTO contact (address, first_name, last_name, job, organisation_id, language, source, tracking, attributes,
      created_at, updated_at)
    {_NUMBERS}
    SELECT 'p' || i || '@poste' || (i % 300) || '.example', 'Anaïs',
      CASE i % 5 WHEN 0 THEN 'Martin' WHEN 1 THEN 'Aude' WHEN 2 THEN 'Moreau' ELSE 'Petit' END,
      CASE i % 4 WHEN 0 THEN 'élu·e' WHEN 1 THEN 'commande publique' ELSE 'presse' END,
      CASE WHEN i % 5 = 0 THEN NULL ELSE 1 + i % {_ORGANISATIONS} END, 'fr', 'salon',
      CASE i % 3 WHEN 0 THEN 'granted' WHEN 1 THEN 'denied' ELSE 'unknown' END, '{{}}', :at, :at
    FROM n
    """,
    f"""
    INSERT INTO subscription (contact_id, topic, state, at)
    {_NUMBERS}
    SELECT i, 'newsletter', CASE WHEN i % 50 = 0 THEN 'unsubscribed' ELSE 'subscribed' END, :at FROM n
    """,
    """
    INSERT INTO subscription_change (contact_id, topic, state, at, source, evidence)
    SELECT contact_id, topic, state, at, 'bench', '' FROM subscription
    """,
    """
    INSERT INTO exclusion (address, scope, reason, at, source)
    SELECT address, '*', 'hard_bounce', :at, 'bench' FROM contact WHERE id % 100 = 7
    """,
)


def crowd(store: Store, count: int) -> None:
    """So many subscribers of the newsletter in an empty, migrated database; four of five belong to an organisation."""
    with store.write(unhurried=True) as tx:
        IMPORTS["organisations"](tx, read_table(DATA / "collectivites.csv"), at=AT, by="bench")
        for statement in _STATEMENTS:
            bound = text(statement)
            if ":at" in statement:
                bound = bound.bindparams(bindparam("at", AT, Instant))
            tx.execute(bound.bindparams(count=count) if ":count" in statement else bound)
        if store.is_sqlite:
            return
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as alone:
        alone.exec_driver_sql("VACUUM ANALYZE")
