"""Sentences that depend on what was measured."""

from __future__ import annotations

from benchmarks.study.methods import TITLES
from benchmarks.study.summary import (
    RATIOS,
    Row,
    average,
    best_slope,
    having,
    mse,
    paired,
    present,
)
from benchmarks.study.tables import PUBLISHED, Facts


def order(rows: list[Row], methods: tuple[str, ...], ratio: str = "MSE") -> str:
    """Say which method is best: "RCAN 3.10, RESUNET 3.02, NLM 2.20"."""
    found = {name: average(rows, name, RATIOS[ratio]) for name in methods if having(rows, name)}
    ranked = sorted(found, key=lambda name: found[name], reverse=True)
    return ", ".join(f"{TITLES[name]} {found[name]:.2f}" for name in ranked)


def orders(series: dict[str, list[Row]]) -> str:
    """Say the order of the paper's three methods in every series and figure."""
    lines = []
    for title, rows in series.items():
        if len([name for name in PUBLISHED if name in present(rows)]) < len(PUBLISHED):
            continue
        parts = (f"{ratio}: {order(rows, tuple(PUBLISHED), ratio)}" for ratio in RATIOS)
        lines.append(f"- {title}. {'; '.join(parts)}.")
    return "\n".join(lines) or "- Not measured yet."


def compare(rows: list[Row], method: str, reference: str) -> str:
    """Say how two methods' squared errors differ, and whether the scenes decide it."""
    found = paired(rows, method, reference)
    if found is None:
        return f"{TITLES[method]} against {TITLES[reference]}: not measured yet."
    size, low, high = (100 * (one - 1) for one in (found.factor, found.low, found.high))
    verdict = "" if found.decided else ": not decided"
    return (
        f"{TITLES[method]} against {TITLES[reference]}: squared error {size:+.0f} % "
        f"(95 % interval {low:+.0f} to {high:+.0f} %, {found.scenes} scenes){verdict}."
    )


def comparisons(series: dict[str, list[Row]], pairs: tuple[tuple[str, str], ...]) -> str:
    """Say every pair's difference in every series, as a list."""
    lines = [
        f"- {title}. {compare(rows, *pair)}" for title, rows in series.items() for pair in pairs
    ]
    return "\n".join(lines)


def ceiling(rows: list[Row]) -> str:
    """Say how far a slope could go at best, where the truth is a measurement."""
    best = best_slope(rows)
    return f"{best:.1f}" if best < float("inf") else "without limit"


def by_light(rows: list[Row], method: str, levels: list[float]) -> str:
    """Say how the improvement falls from the darkest to the brightest image."""
    parts = []
    for level in (levels[0], levels[-1]):
        there = [row for row in rows if row["exposure"] == level]
        parts.append(f"{average(there, method, mse):.1f} at {level:g}")
    return f"{TITLES[method]} {' and '.join(parts)}"


def costs(facts: Facts) -> str:
    """Say how many times more processor time a step of each network takes than RESUNET's."""
    seconds = {name: said["cost"]["cpu_seconds"] for name, said in facts.items()}
    if not seconds.get("resunet"):
        return "not measured yet"
    others = [name for name in ("u-net", "autoencoder", "rcan", "dncnn") if seconds.get(name)]
    return ", ".join(f"{TITLES[name]} {seconds[name] / seconds['resunet']:.1f}" for name in others)
