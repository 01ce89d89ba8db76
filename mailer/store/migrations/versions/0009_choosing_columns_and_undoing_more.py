"""choosing columns, undoing imports of organisations and exclusions, and former addresses

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('column_choice',
    sa.Column('places', sa.JSON(), nullable=False),
    sa.Column('headings', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('headings', name=op.f('pk_column_choice'))
    )
    op.create_table('imported_exclusion',
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('scope', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['import_run.id'], name=op.f('fk_imported_exclusion_run_id_import_run')),
    sa.PrimaryKeyConstraint('run_id', 'address', 'scope', 'reason', name=op.f('pk_imported_exclusion'))
    )
    op.create_table('imported_membership',
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('is_new', sa.Boolean(), nullable=False),
    sa.Column('former_until_on', sa.Date(), nullable=True),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['run_id'], ['import_run.id'], name=op.f('fk_imported_membership_run_id_import_run')),
    sa.PrimaryKeyConstraint('run_id', 'organisation_id', 'from_on', name=op.f('pk_imported_membership'))
    )
    op.create_table('imported_organisation',
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('is_new', sa.Boolean(), nullable=False),
    sa.Column('siren', sa.String(), nullable=True),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('departement', sa.String(), nullable=False),
    sa.Column('region', sa.String(), nullable=False),
    sa.Column('population', sa.Integer(), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['import_run.id'], name=op.f('fk_imported_organisation_run_id_import_run')),
    sa.PrimaryKeyConstraint('run_id', 'organisation_id', name=op.f('pk_imported_organisation'))
    )
    op.create_table('address_move',
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('contact_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_address_move_contact_id_contact')),
    sa.PrimaryKeyConstraint('address', name=op.f('pk_address_move'))
    )
    with op.batch_alter_table('address_move', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_address_move_contact_id'), ['contact_id'], unique=False)


def downgrade() -> None:
    op.drop_table('address_move')
    for name in ('imported_organisation', 'imported_membership', 'imported_exclusion', 'column_choice'):
        op.drop_table(name)
