"""tallies of finished sends, which triggers void; who left because of a send is found by an index; secrets apart from sends

Revision: 0018, after 0017
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

#: What a tally counts. Any change of one of these voids the tally of its send, in the same transaction.
COUNTED = ('send_id', 'state', 'outcome', 'reason', 'measured', 'cohort')
#: While a copy is in one of these states its send has no tally (store.tallies.keep).
UNDER_WAY = ('planned', 'claimed', 'posting')
#: The class of the advisory locks: whoever changes a copy shares that of its send, whoever counts has it alone.
LOCKS = 7315


def upgrade() -> None:
    op.create_table('tally',
    sa.Column('send_id', sa.Integer(), nullable=False),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('send_id', name=op.f('pk_tally'))
    )
    op.create_table('tally_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('send_id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tally_change'))
    )
    op.create_index(op.f('ix_tally_change_send_id'), 'tally_change', ['send_id'], unique=False)
    op.create_index(
        'ix_event_left',
        'event',
        ['send_id'],
        unique=False,
        sqlite_where=sa.text("kind = 'unsubscribe'"),
        postgresql_where=sa.text("kind = 'unsubscribe'"),
    )
    op.create_table('send_secret',
    sa.Column('send_id', sa.Integer(), nullable=False),
    sa.Column('secret', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('send_id', name=op.f('pk_send_secret'))
    )
    _move_secrets()
    for statement in _sqlite() if op.get_bind().dialect.name == 'sqlite' else _postgresql():
        op.get_bind().exec_driver_sql(statement)


def _move_secrets():
    """Copies on their way keep their tokens; a send that has not begun draws its secret when it begins."""
    bind = op.get_bind()
    held = bind.execute(sa.text('SELECT id, secret FROM send WHERE secret IS NOT NULL AND started_at IS NOT NULL AND length(secret) = 64')).all()
    for row in held:
        values = {'send_id': row.id, 'secret': bytes.fromhex(row.secret)}
        bind.execute(sa.text('INSERT INTO send_secret (send_id, secret) VALUES (:send_id, :secret)'), values)
    op.drop_column('send', 'secret')


def _sqlite():
    """One writer at a time: what a tally counted is what is there."""
    for name, when, rows, condition in (
        ('tally_update', f'UPDATE OF {", ".join(COUNTED)}', 'OLD.send_id, NEW.send_id', f'{_changes("IS NOT")} AND '),
        ('tally_delete', 'DELETE', 'OLD.send_id', ''),
    ):
        yield f"""
            CREATE TRIGGER {name} AFTER {when} ON delivery
            WHEN {condition}EXISTS (SELECT 1 FROM tally WHERE send_id IN ({rows}))
            BEGIN
              INSERT INTO tally_change (send_id)
              SELECT send_id FROM tally WHERE send_id IN ({rows})
              AND send_id NOT IN (SELECT send_id FROM tally_change);
            END
        """


def _postgresql():
    """Several writers: the lock makes whoever counts see every change, or every change see the tally."""
    yield f"""
        CREATE FUNCTION void_tally(changed integer) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_advisory_xact_lock_shared({LOCKS}, changed);
          IF EXISTS (SELECT FROM tally WHERE send_id = changed)
             AND NOT EXISTS (SELECT FROM tally_change WHERE send_id = changed) THEN
            INSERT INTO tally_change (send_id) VALUES (changed);
          END IF;
        END $$
    """
    yield """
        CREATE FUNCTION void_tally_of_row() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM void_tally(OLD.send_id);
          IF TG_OP = 'UPDATE' THEN
            IF NEW.send_id <> OLD.send_id THEN
              PERFORM void_tally(NEW.send_id);
            END IF;
          END IF;
          RETURN NULL;
        END $$
    """
    yield f"""
        CREATE TRIGGER tally_update AFTER UPDATE OF {', '.join(COUNTED)} ON delivery
        FOR EACH ROW WHEN ({_changes('IS DISTINCT FROM')}) EXECUTE FUNCTION void_tally_of_row()
    """
    yield """
        CREATE TRIGGER tally_delete AFTER DELETE ON delivery
        FOR EACH ROW EXECUTE FUNCTION void_tally_of_row()
    """


def _changes(differs: str) -> str:
    """A copy that was under way has no tally to void, and needs no look at one: a send hands over a million of them."""
    changes = ' OR '.join(f'OLD.{name} {differs} NEW.{name}' for name in COUNTED)
    under_way = ', '.join(f"'{each}'" for each in UNDER_WAY)
    return f"OLD.state NOT IN ({under_way}) AND ({changes})"


def downgrade() -> None:
    op.add_column('send', sa.Column('secret', sa.String(), nullable=True))
    for row in op.get_bind().execute(sa.text('SELECT send_id, secret FROM send_secret')).all():
        values = {'id': row.send_id, 'secret': bytes(row.secret).hex()}
        op.get_bind().execute(sa.text('UPDATE send SET secret = :secret WHERE id = :id'), values)
    waiting = sa.text("SELECT id FROM send WHERE tracking = 'anonymous' AND started_at IS NULL")
    for row in op.get_bind().execute(waiting).all():
        values = {'id': row.id, 'secret': secrets.token_hex(32)}
        op.get_bind().execute(sa.text('UPDATE send SET secret = :secret WHERE id = :id'), values)
    op.drop_table('send_secret')
    bind = op.get_bind()
    on = '' if bind.dialect.name == 'sqlite' else ' ON delivery'
    for name in ('update', 'delete'):
        bind.exec_driver_sql(f'DROP TRIGGER tally_{name}{on}')
    if bind.dialect.name != 'sqlite':
        for function in ('void_tally_of_row()', 'void_tally(integer)'):
            bind.exec_driver_sql(f'DROP FUNCTION {function}')
    op.drop_index('ix_event_left', table_name='event')
    op.drop_index(op.f('ix_tally_change_send_id'), table_name='tally_change')
    op.drop_table('tally_change')
    op.drop_table('tally')
