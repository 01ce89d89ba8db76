"""Spreadsheet cells that are data: no spreadsheet takes one for a formula (security S6)."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet may take the cell for a formula, guarded or not."""
    return cell.lstrip("'").startswith(_FORMULA)


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before it."""
    return f"'{cell}" if is_formula(cell) else cell


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    return cell[1:] if cell.startswith("'") and is_formula(cell) else cell
