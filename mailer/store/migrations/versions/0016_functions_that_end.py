"""functions that end, and who follows

Revision: 0016, after 0015
"""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('mandate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('job', sa.String(), nullable=False),
    sa.Column('contact_id', sa.Integer(), nullable=True),
    sa.Column('successor_id', sa.Integer(), nullable=True),
    sa.Column('until_on', sa.Date(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_mandate_contact_id_contact')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_mandate_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['successor_id'], ['contact.id'], name=op.f('fk_mandate_successor_id_contact')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mandate'))
    )
    for name in ('contact_id', 'organisation_id', 'successor_id'):
        op.create_index(op.f(f'ix_mandate_{name}'), 'mandate', [name], unique=False)


def downgrade() -> None:
    op.drop_table('mandate')
