"""remarks that are answered

Revision: 0015, after 0014
"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('remark', sa.Column('done_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('remark', sa.Column('done_by', sa.String(), nullable=False, server_default=''))


def downgrade() -> None:
    with op.batch_alter_table('remark', schema=None) as batch_op:
        batch_op.drop_column('done_by')
        batch_op.drop_column('done_at')
