"""what came with the import that made a contact is proven by contact and subscription themselves

Revision: 0021, after 0020
"""

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

_CHECK = 'fk_subscription_contact_id_contact'


def upgrade() -> None:
    op.add_column('contact', sa.Column('imported_by', sa.Integer(), nullable=True))
    op.add_column('contact', sa.Column('imported_answer', sa.String(), nullable=True))
    op.add_column('subscription', sa.Column('imported_by', sa.Integer(), nullable=True))
    op.add_column('subscription', sa.Column('evidence', sa.String(), nullable=False, server_default=''))
    if op.get_bind().dialect.name == 'postgresql':
        op.drop_constraint(_CHECK, 'subscription', type_='foreignkey')


def downgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name == 'postgresql':
        op.create_foreign_key(_CHECK, 'subscription', 'contact', ['contact_id'], ['id'])
    bind.exec_driver_sql("""
        INSERT INTO subscription_change (contact_id, topic, state, at, source, evidence)
        SELECT contact_id, topic, 'subscribed', import_run.at, 'import ' || file_name, evidence
        FROM subscription JOIN import_run ON import_run.id = imported_by
    """)
    bind.exec_driver_sql("""
        INSERT INTO consent (contact_id, state, at, source, wording)
        SELECT contact.id, imported_answer, import_run.at, 'import ' || file_name, ''
        FROM contact JOIN import_run ON import_run.id = imported_by WHERE imported_answer IS NOT NULL
    """)
    for table, name in (
        ('subscription', 'evidence'),
        ('subscription', 'imported_by'),
        ('contact', 'imported_answer'),
        ('contact', 'imported_by'),
    ):
        op.drop_column(table, name)
