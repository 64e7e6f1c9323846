"""What a worker is asked before it works; it may have nothing of this program.

This module is sent as it is, so it imports nothing but Python's own.
"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any


def look(packages: Sequence[str], reads: Sequence[str], writes: str) -> dict[str, Any]:
    """Look around in this process.

    Parameters
    ----------
    packages : sequence of str
        Whose versions are wanted.
    reads : sequence of str
        Paths that must be seen.
    writes : str
        A folder that must be written.

    Returns
    -------
    dict
        Plain values: `versions` by package, None where it is missing; `unseen` paths; `unwritten`,
        why the folder can't be written or an empty text; `host`; and the numbers of the `cpus` that
        this process may use.
    """
    return {
        "versions": {name: _version(name) for name in packages},
        "unseen": [path for path in reads if not os.access(path, os.R_OK)],
        "unwritten": _why_unwritten(writes),
        "host": socket.gethostname(),
        "cpus": _cpus(),
        "python": f"{sys.version_info[0]}.{sys.version_info[1]}",
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _why_unwritten(folder: str) -> str:
    if not os.path.isdir(folder):
        return f"there is no folder {folder}"
    try:
        with tempfile.TemporaryFile(prefix=".photon-denoise-", dir=folder):
            return ""
    except OSError as error:
        return f"the folder {folder} refuses it ({error.strerror or error})"


def _cpus() -> list[int]:
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))
