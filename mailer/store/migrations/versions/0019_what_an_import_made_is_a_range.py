"""the contacts that an import made are a range of numbers in its run; indexes of contacts leave out who has no value

Revision: 0019, after 0018
"""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

_RANGE = ('first_contact_id', 'last_contact_id')
#: Contacts within the range and of the instant of the run are its own.
_MADE = """
    FROM contact JOIN import_run ON contact.created_at = import_run.at
    AND contact.id BETWEEN import_run.first_contact_id AND import_run.last_contact_id
"""


def upgrade() -> None:
    for name in _RANGE:
        op.add_column('import_run', sa.Column(name, sa.Integer(), nullable=True))
    bind = op.get_bind()
    for name, end in zip(_RANGE, ('min', 'max'), strict=True):
        bind.exec_driver_sql(f"""
            UPDATE import_run SET {name} = (
                SELECT {end}(contact_id) FROM imported_contact WHERE run_id = import_run.id AND is_new
            )
        """)
    bind.exec_driver_sql("""
        DELETE FROM imported_subscription WHERE EXISTS (
            SELECT 1 FROM imported_contact WHERE is_new
            AND run_id = imported_subscription.run_id AND contact_id = imported_subscription.contact_id
        )
    """)
    bind.exec_driver_sql('DELETE FROM imported_contact WHERE is_new')
    op.drop_column('imported_contact', 'is_new')
    _index('external_id', unique=True, where='external_id IS NOT NULL')
    _index('organisation_id', unique=False, where='organisation_id IS NOT NULL')


def _index(column: str, *, unique: bool, where: str | None) -> None:
    """The index anew, of the rows of the condition."""
    condition = sa.text(where) if where else None
    name = op.f(f'ix_contact_{column}')
    op.drop_index(name, table_name='contact')
    op.create_index(
        name, 'contact', [column], unique=unique, sqlite_where=condition, postgresql_where=condition
    )


def downgrade() -> None:
    _index('organisation_id', unique=False, where=None)
    _index('external_id', unique=True, where=None)
    op.add_column('imported_contact', sa.Column('is_new', sa.Boolean(), nullable=False, server_default=sa.false()))
    bind = op.get_bind()
    bind.exec_driver_sql(f"""
        INSERT INTO imported_contact
            (run_id, contact_id, is_new, first_name, last_name, job, source, tracking, updated_at)
        SELECT import_run.id, contact.id, true, '', '', '', '', '', import_run.at {_MADE}
    """)
    bind.exec_driver_sql(f"""
        INSERT INTO imported_subscription (run_id, contact_id, topic)
        SELECT import_run.id, contact.id, subscription.topic {_MADE}
        JOIN subscription ON subscription.contact_id = contact.id AND subscription.at = import_run.at
    """)
    for name in _RANGE:
        op.drop_column('import_run', name)
