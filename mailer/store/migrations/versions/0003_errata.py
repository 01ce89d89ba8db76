"""errata

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What was frozen before corrected nothing.
    op.add_column('snapshot', sa.Column('erratum_of', sa.String(), nullable=False, server_default=''))


def downgrade() -> None:
    with op.batch_alter_table('snapshot', schema=None) as batch_op:
        batch_op.drop_column('erratum_of')
