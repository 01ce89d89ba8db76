"""No cell that leaves in a file is a formula, and a guarded one comes back as it was."""

import pytest

from mailer.cells import guarded, unguarded

HOSTILE = ["=1+1", "+33", "-2", "@SUM(A1)", "\tx", "\rx", "'=x", "''@x", "'", "L'Haÿ", "", "plain"]


@pytest.mark.parametrize("cell", HOSTILE)
def test_a_guarded_cell_is_no_formula_and_comes_back(cell: str) -> None:
    assert guarded(cell)[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n"}
    assert unguarded(guarded(cell)) == cell
