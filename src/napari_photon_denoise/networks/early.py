"""Torch's libraries, loaded without stopping a window that runs in another thread.

Importing torch maps hundreds of megabytes, gigabytes with a GPU, while it holds Python's lock:
every other thread waits. A call through ctypes lets go of the lock, so the libraries are loaded
by one, and the import then finds them there. This file itself needs no torch.
"""

from __future__ import annotations

import ctypes
import os
import sys
from importlib.util import find_spec
from pathlib import Path

# In the order, and for the reasons, of torch's own `__init__`.
LIBRARIES = ("libtorch_global_deps", "libtorch")


def load_libraries() -> None:
    """Load the libraries of torch, if they are where they are expected; else its import will."""
    spec = None if "torch" in sys.modules else find_spec("torch")
    # On Windows torch's import calls through ctypes itself.
    if spec is None or spec.origin is None or sys.platform == "win32":
        return
    program = ctypes.CDLL(None)
    if not hasattr(program, "dlopen"):
        return
    program.dlopen.argtypes = (ctypes.c_char_p, ctypes.c_int)
    program.dlopen.restype = ctypes.c_void_p
    suffix = ".dylib" if sys.platform == "darwin" else ".so"
    for name, visible in zip(LIBRARIES, (os.RTLD_GLOBAL, os.RTLD_LOCAL), strict=True):
        path = Path(spec.origin).parent / "lib" / f"{name}{suffix}"
        if not path.is_file() or not program.dlopen(os.fsencode(path), os.RTLD_NOW | visible):
            return
