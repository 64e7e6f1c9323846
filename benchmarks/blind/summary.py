"""How many, how much, and the worst."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from benchmarks.blind.rows import Row
from benchmarks.markdown import table

TITLES = (
    "",
    "images",
    "refused",
    "variance within 20 %",
    "called correlated",
    "called white",
    "mean loss, dB",
    "worst",
)


def print_summary(rows: Sequence[Row]) -> None:
    """Print a line a kind, and one each for white and shared noise and for all."""
    groups = {kind: [row for row in rows if row.kind == kind] for kind in _kinds(rows)}
    groups["**all white**"] = [row for row in rows if row.white]
    groups["**all shared**"] = [row for row in rows if row.white is False]
    groups["**all**"] = list(rows)
    print("\n" + table(TITLES, [_line(name, group) for name, group in groups.items() if group]))


def _kinds(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row.kind for row in rows))


def _line(name: str, rows: Sequence[Row]) -> list[str]:
    losses = [row.loss for row in rows if row.loss is not None]
    known = [row for row in rows if row.white is not None]
    within = sum(bool(row.within) for row in known)
    white = [row for row in rows if row.white and not row.refused]
    shared = [row for row in rows if row.white is False and not row.refused]
    return [
        name,
        f"{len(rows)}",
        f"{sum(row.refused for row in rows)}",
        f"{within} of {len(known)}" if known else "",
        f"{sum(row.correlated for row in white)} of {len(white)}" if white else "",
        f"{sum(not row.correlated for row in shared)} of {len(shared)}" if shared else "",
        f"{np.mean(losses):+.2f}" if losses else "",
        f"{max(losses):+.2f}" if losses else "",
    ]
