"""One database, SQLite or PostgreSQL: engine, transactions, migrations, one module of functions per noun.

SQL lives here and in `segments`, nowhere else. Functions take the transaction first. A `Tx` is a SQLAlchemy
Core connection inside a transaction: many rows move as Core rows, single rows come back as model instances.
"""

from mailer.store.engine import Store, Tx
from mailer.store.rows import all_of, first, one

__all__ = ["Store", "Tx", "all_of", "first", "one"]
