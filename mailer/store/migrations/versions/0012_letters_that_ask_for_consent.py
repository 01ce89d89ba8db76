"""letters that ask for consent

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What was frozen or sent before asked nothing.
    for name in ('snapshot', 'send'):
        op.add_column(name, sa.Column('asks_consent', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        'ix_send_asking', 'send', ['id'], unique=False, sqlite_where=sa.text('asks_consent'), postgresql_where=sa.text('asks_consent')
    )


def downgrade() -> None:
    op.drop_index('ix_send_asking', table_name='send')
    for name in ('snapshot', 'send'):
        with op.batch_alter_table(name, schema=None) as batch_op:
            batch_op.drop_column('asks_consent')
