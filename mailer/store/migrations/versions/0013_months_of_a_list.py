"""the months of a list

Revision: 0013, after 0012
"""

from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_subscription_change_months', 'subscription_change', ['topic', 'state', 'at'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_subscription_change_months', table_name='subscription_change')
