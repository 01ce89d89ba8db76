"""the known end of a function that an import took from somebody is noted with their former values

Revision: 0020, after 0019
"""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('imported_contact', sa.Column('function_until_on', sa.Date(), nullable=True))
    op.add_column('imported_contact', sa.Column('function_by', sa.String(), nullable=True))


def downgrade() -> None:
    for name in ('function_by', 'function_until_on'):
        op.drop_column('imported_contact', name)
