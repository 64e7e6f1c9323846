"""How much memory this process has held, as Linux counts it."""

from __future__ import annotations

from pathlib import Path

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak_mib() -> float:
    """Return the most that was resident since the process began, or since it was forgotten."""
    return _read("VmHWM")


def held_mib() -> float:
    """Return what is resident."""
    return _read("VmRSS")


def forget_peak() -> None:
    """Begin anew to look for the peak."""
    _CLEAR.write_text("5")


def _read(name: str) -> float:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024
