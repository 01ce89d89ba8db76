"""second factors, invitations, lost passwords, single sign-on

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('recovery_code',
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['desk_user.id'], name=op.f('fk_recovery_code_user_id_desk_user')),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_recovery_code'))
    )
    with op.batch_alter_table('recovery_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recovery_code_user_id'), ['user_id'], unique=False)

    op.create_table('account_mail',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=False),
    sa.Column('handed_over_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account_mail'))
    )
    # Plain ALTERs: a rebuilt table would have to be dropped while others point to it.
    op.add_column('desk_user', sa.Column('factor_seed', sa.String(), nullable=False, server_default=''))
    op.add_column('desk_user', sa.Column('factor_step', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('desk_user', sa.Column('factor_since', sa.DateTime(timezone=True), nullable=True))
    op.add_column('desk_user', sa.Column('subject', sa.String(), nullable=False, server_default=''))
    op.create_index(op.f('ix_desk_user_subject'), 'desk_user', ['subject'], unique=False)
    op.add_column('one_time_link', sa.Column('purpose', sa.String(), nullable=False, server_default='access'))


def downgrade() -> None:
    op.drop_column('one_time_link', 'purpose')
    op.drop_index(op.f('ix_desk_user_subject'), table_name='desk_user')
    for name in ('subject', 'factor_since', 'factor_step', 'factor_seed'):
        op.drop_column('desk_user', name)
    op.drop_table('account_mail')
    op.drop_table('recovery_code')
