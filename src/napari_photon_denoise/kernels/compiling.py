"""How every kernel is compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Kernel = TypeVar("Kernel", bound=Callable[..., object])

# Sums may be reordered so that they fill the vector units. Infinity and NaN are refused
# before an image reaches a kernel.
FAST_MATH = {"contract", "reassoc", "nsz", "nnan", "ninf", "arcp"}


def compiled(function: Kernel) -> Kernel:
    """Compile a kernel that releases the GIL, and keep the machine code on disk.

    `parallel=True` is not used: numba's built-in threading layer ends the process when two
    Python threads enter it at once, and a preview and a run will. `threads.each` spreads
    blocks over the CPUs instead.

    numba notices a change in the file of the kernel, not in files that it calls into: keep
    what a kernel calls in the kernel's own file.
    """
    try:
        kernel = njit(nogil=True, cache=True, fastmath=FAST_MATH)(function)
    except RuntimeError:  # neither the package's folder nor the user's cache is writable
        kernel = njit(nogil=True, fastmath=FAST_MATH)(function)
    return cast(Kernel, kernel)
