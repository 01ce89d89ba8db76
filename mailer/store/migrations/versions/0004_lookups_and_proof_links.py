"""lookups, links for proofs, remarks, refusals

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('lookup',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('detail', sa.String(), nullable=False),
    sa.Column('looked_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'subject', name=op.f('pk_lookup'))
    )
    op.create_table('proof_link',
    sa.Column('public_id', sa.String(), nullable=False),
    sa.Column('campaign', sa.String(), nullable=False),
    sa.Column('issue', sa.String(), nullable=False),
    sa.Column('snapshot_id', sa.Integer(), nullable=False),
    sa.Column('local_at', sa.String(), nullable=False),
    sa.Column('reader', sa.String(), nullable=False),
    sa.Column('blocks', sa.JSON(), nullable=False),
    sa.Column('may_approve', sa.Boolean(), nullable=False),
    sa.Column('made_by', sa.String(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['snapshot_id'], ['snapshot.id'], name=op.f('fk_proof_link_snapshot_id_snapshot')),
    sa.PrimaryKeyConstraint('public_id', name=op.f('pk_proof_link'))
    )
    op.create_index(op.f('ix_proof_link_campaign'), 'proof_link', ['campaign'])
    op.create_table('remark',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('campaign', sa.String(), nullable=False),
    sa.Column('issue', sa.String(), nullable=False),
    sa.Column('link_id', sa.String(), nullable=False),
    sa.Column('block', sa.Integer(), nullable=True),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['link_id'], ['proof_link.public_id'], name=op.f('fk_remark_link_id_proof_link')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_remark'))
    )
    op.create_index(op.f('ix_remark_campaign'), 'remark', ['campaign'])
    op.create_index(op.f('ix_remark_link_id'), 'remark', ['link_id'])
    with op.batch_alter_table('approval', schema=None) as batch_op:
        batch_op.add_column(sa.Column('verdict', sa.String(), nullable=False, server_default='approved'))
        batch_op.add_column(sa.Column('content_hash', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('local_at', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('link_id', sa.String(), nullable=False, server_default=''))


def downgrade() -> None:
    with op.batch_alter_table('approval', schema=None) as batch_op:
        batch_op.drop_column('link_id')
        batch_op.drop_column('local_at')
        batch_op.drop_column('content_hash')
        batch_op.drop_column('verdict')
    op.drop_table('remark')
    op.drop_table('proof_link')
    op.drop_table('lookup')
