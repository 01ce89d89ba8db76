"""planned days

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('planned_day',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('campaign', sa.String(), nullable=False),
    sa.Column('planned_on', sa.Date(), nullable=False),
    sa.Column('issue', sa.String(), nullable=False),
    sa.Column('prepared_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_planned_day')),
    sa.UniqueConstraint('campaign', 'planned_on', name=op.f('uq_planned_day_campaign_planned_on'))
    )


def downgrade() -> None:
    op.drop_table('planned_day')
