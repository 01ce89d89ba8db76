"""Memory of a sender that must not be read afterwards: what it gives back is overwritten.

With glibc on Linux; elsewhere, and for Python's objects of up to 512 bytes, nothing is promised (docs/reference/tracking.md).
"""

import ctypes
import sys

#: mallopt(3): every byte that is given back is overwritten with the complement of this.
_M_PERTURB = -6
_ANY_BYTE = 0x5A


def overwrite_what_is_freed() -> bool:
    """From now on, in this whole process; whether the C library can. Safe to repeat."""
    if not sys.platform.startswith("linux"):
        return False
    change = getattr(ctypes.CDLL(None), "mallopt", None)
    return change is not None and bool(change(_M_PERTURB, _ANY_BYTE))
