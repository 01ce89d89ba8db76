"""two subjects for one letter, figures by mail for accounts, the day of the last opening

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What was frozen or sent before had one subject.
    op.add_column('snapshot', sa.Column('second_subject', sa.String(), nullable=False, server_default=''))
    op.add_column('send', sa.Column('split_above', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('delivery', sa.Column('second_subject', sa.Boolean(), nullable=False, server_default=sa.false()))
    # What was frozen or sent before keeps no day.
    for name in ('snapshot', 'send'):
        op.add_column(name, sa.Column('last_open', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table('last_open',
    sa.Column('contact_id', sa.Integer(), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_last_open_contact_id_contact')),
    sa.PrimaryKeyConstraint('contact_id', name=op.f('pk_last_open'))
    )
    op.create_table('digest_choice',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('campaign', sa.String(), nullable=False),
    sa.Column('chosen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['desk_user.id'], name=op.f('fk_digest_choice_user_id_desk_user')),
    sa.PrimaryKeyConstraint('user_id', 'campaign', name=op.f('pk_digest_choice'))
    )


def downgrade() -> None:
    op.drop_table('digest_choice')
    op.drop_table('last_open')
    for table, column in (('send', 'last_open'), ('snapshot', 'last_open'), ('delivery', 'second_subject'), ('send', 'split_above'), ('snapshot', 'second_subject')):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(column)
