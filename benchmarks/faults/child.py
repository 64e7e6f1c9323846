"""A command in a child that is forked from a process which has imported everything.

A start of Python with torch takes seconds, a fork some milliseconds, and whatever the command does
to its process (crash, eat memory, hang) it does to the child. The parent computes nothing: threads
do not survive a fork.
"""

from __future__ import annotations

import importlib
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults.outcome import Ended

SECONDS = 60.0
MEMORY = 2**30  # bytes that a command may take beside what the imports took
HEAVY = (
    *("tifffile", "imagecodecs", "zarr", "dask.array", "scipy.io", "scipy.ndimage", "yaml"),
    "napari_photon_denoise.cli",
)
TORCH = (
    *("torch", "safetensors.torch", "napari_photon_denoise.networks.weights"),
    "napari_photon_denoise.networks.bioimage.unpack",
)


def warm_up(torch: bool) -> None:
    """Import what the commands need, once for all children."""
    import numpy as np

    for name in HEAVY + (TORCH if torch else ()):
        importlib.import_module(name)
    from napari_photon_denoise.kernels.separable import correlate

    # Loading what is compiled takes a second. Its threads end with it.
    one = np.ones(1, np.float32)
    correlate(np.zeros((1, 8, 8), np.float32), one, one, one)


def learn_imports(folder: Path, words: Sequence[str]) -> None:
    """Import what a command imports on its way, by letting a child run it.

    Another user may not even read Python's own folder, and a second saved is saved in each try.
    """
    from napari_photon_denoise.cli import main

    names = folder / "modules"

    def run() -> int:
        code = main(list(words))
        names.write_text("\n".join(name for name in sys.modules if name.isascii()))
        return code

    ended = call(run, folder / "log")
    if not names.exists():
        raise RuntimeError(ended.text)
    for name in names.read_text().splitlines():
        if name not in sys.modules and "__main__" not in name:
            with suppress(Exception):  # some are made as they go
                importlib.import_module(name)


def attempt(
    words: Sequence[str],
    log: Path,
    *,
    memory: int | None = MEMORY,
    before: Callable[[], None] | None = None,
) -> Ended:
    """Run `photon-denoise` in a child, and wait for its end.

    Parameters
    ----------
    words : sequence of str
        The command's.
    log : Path
        For what it prints.
    memory : int, optional
        Bytes that it may take.
    before : function without parameters, optional
        Called in the child first.
    """
    from napari_photon_denoise.cli import main

    return call(lambda: main(list(words)), log, memory=memory, before=before)


def call(
    function: Callable[[], int],
    log: Path,
    *,
    memory: int | None = None,
    before: Callable[[], None] | None = None,
) -> Ended:
    """Call a function in a child; what it returns is the exit code."""
    return start(function, log, memory=memory, before=before).wait()


@dataclass(frozen=True)
class Child:
    """A child at work.

    Parameters
    ----------
    number : int
        Of the process.
    log : Path
        What it prints.
    began : float
    """

    number: int
    log: Path
    began: float

    def send(self, what: signal.Signals) -> None:
        """Send a signal, if it is still there: who is not waited for keeps its number."""
        os.kill(self.number, what)

    def wait(self) -> Ended:
        """Wait for its end, and end it if that takes too long."""
        waiting = os.pidfd_open(self.number)
        try:
            over = not select.select([waiting], [], [], SECONDS)[0]
        finally:
            os.close(waiting)
        if over:
            self.send(signal.SIGKILL)
        status = os.waitpid(self.number, 0)[1]
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        code = None if over else os.waitstatus_to_exitcode(status)
        return Ended(code, text, time.monotonic() - self.began)


def start(
    function: Callable[[], int],
    log: Path,
    *,
    memory: int | None = None,
    before: Callable[[], None] | None = None,
) -> Child:
    """Begin what `call` does."""
    sys.stdout.flush()
    sys.stderr.flush()
    began = time.monotonic()
    number = os.fork()
    if number == 0:
        _be_the_child(function, log, memory, before)
    return Child(number, log, began)


def _be_the_child(
    function: Callable[[], int], log: Path, memory: int | None, before: Callable[[], None] | None
) -> None:
    """Do the work, and end without what Python does at its end: that is for the parent."""
    code = 1
    try:
        lines = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(lines, 1)
        os.dup2(lines, 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if memory is not None:
            taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (taken + memory, taken + memory))
        if before is not None:
            before()
        code = function()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
