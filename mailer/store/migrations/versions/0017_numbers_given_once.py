"""numbers that are given once

SQLite gives the number of the last deleted row again. What other programs and logs know by its number must not become
somebody else: these tables are made anew with AUTOINCREMENT, each with its rows, indexes, triggers and foreign keys.
PostgreSQL's sequences never go back.

Revision: 0017, after 0016
"""

import re

from alembic import op
from sqlalchemy import Connection, text

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

#: Table -> where else its numbers stand, also of rows that are no longer there.
TABLES = {
    'organisation': ('imported_organisation.organisation_id', 'imported_membership.organisation_id'),
    'membership': ('delivery.membership_id',),
    'contact': ('delivery.contact_id', 'imported_contact.contact_id', 'imported_subscription.contact_id'),
    'import_run': (),
    'webhook_endpoint': (),
    'webhook_notice': (),
    'desk_user': (),
}
_ID = re.compile(r'(["`]?\bid["`]?) INTEGER NOT NULL(?: PRIMARY KEY AUTOINCREMENT)?')
_KEY = re.compile(r',\s*CONSTRAINT pk_\w+ PRIMARY KEY \((?:id|"id")\)')


def upgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name != 'sqlite':
        return
    for table in TABLES:
        _rebuild(bind, table, _counting)
    for table, elsewhere in TABLES.items():
        _start_after(bind, table, elsewhere)


def downgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name != 'sqlite':
        return
    for table in TABLES:
        _rebuild(bind, table, lambda made, table=table: _plain(made, table))


def _rebuild(bind: Connection, table: str, change) -> None:
    """Other tables point to it, so it goes and comes back under its name, and references are checked at the commit."""
    bind.execute(text('PRAGMA defer_foreign_keys=ON'))
    made = bind.execute(
        text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :name AND sql IS NOT NULL"), {'name': table}
    ).all()
    (create,) = [each.sql for each in made if each.type == 'table']
    bind.exec_driver_sql(f'CREATE TABLE _kept AS SELECT * FROM {table}')
    bind.exec_driver_sql(f'DROP TABLE {table}')
    bind.exec_driver_sql(change(create))
    columns = ', '.join(f'"{row.name}"' for row in bind.execute(text('PRAGMA table_info(_kept)')))
    bind.exec_driver_sql(f'INSERT INTO {table} ({columns}) SELECT {columns} FROM _kept')
    bind.exec_driver_sql('DROP TABLE _kept')
    for each in made:
        if each.type != 'table':
            bind.exec_driver_sql(each.sql)


def _counting(create: str) -> str:
    """The key stands with its column: that is how SQLite counts on."""
    counting, columns = _ID.subn(r'\1 INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT', create, count=1)
    counting, keys = _KEY.subn('', counting)
    assert (columns, keys) == (1, 1), create
    return counting


def _plain(create: str, table: str) -> str:
    plain, columns = _ID.subn(r'\1 INTEGER NOT NULL', create, count=1)
    assert columns == 1, create
    return f'{plain.rstrip().removesuffix(")").rstrip()}, \n\tCONSTRAINT pk_{table} PRIMARY KEY (id)\n)'


def _start_after(bind: Connection, table: str, elsewhere: tuple[str, ...]) -> None:
    """The next number is above every one that was ever given, as far as anybody remembers it."""
    places = ((table, 'id'), *(tuple(each.split('.')) for each in elsewhere))
    highest = max(
        int(bind.exec_driver_sql(f'SELECT coalesce(max({column}), 0) FROM {held}').scalar_one())
        for held, column in places
    )
    bind.execute(text('DELETE FROM sqlite_sequence WHERE name = :name'), {'name': table})
    bind.execute(text('INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)'), {'name': table, 'seq': highest})
