"""each attempt notes the account of a provider that it went to: no other one knows anything of it

Revision: 0022, after 0021
"""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of earlier attempts nobody knows; they are settled as they were before.
    op.add_column('attempt', sa.Column('account', sa.String(), nullable=False, server_default=''))


def downgrade() -> None:
    op.drop_column('attempt', 'account')
