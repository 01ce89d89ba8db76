"""Values that stand in the SQL itself: a bound parameter would hide a partial index from SQLite."""

from enum import StrEnum

from sqlalchemy import BindParameter, bindparam


def spelled_out(value: StrEnum) -> BindParameter[str]:
    """Of our own vocabulary only."""
    return bindparam(None, value.value, literal_execute=True)
