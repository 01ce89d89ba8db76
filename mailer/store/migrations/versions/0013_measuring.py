"""two subjects for one letter

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What was frozen or sent before had one subject.
    op.add_column('snapshot', sa.Column('second_subject', sa.String(), nullable=False, server_default=''))
    op.add_column('send', sa.Column('split_above', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('delivery', sa.Column('second_subject', sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for table, column in (('delivery', 'second_subject'), ('send', 'split_above'), ('snapshot', 'second_subject')):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(column)
