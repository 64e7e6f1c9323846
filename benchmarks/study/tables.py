"""The page's tables, Markdown."""

from __future__ import annotations

import math
from typing import Any

from benchmarks.study.content import CLASSES
from benchmarks.study.methods import TITLES
from benchmarks.study.nets import NETS, OF_CLASS, PLAIN_OF_CLASS, SHIPPED
from benchmarks.study.summary import (
    RATIOS,
    Row,
    at,
    average,
    exposures,
    having,
    mean_figure,
    mse,
    paired,
    present,
    slope,
)

Facts = dict[str, dict[str, Any]]  # of each trained network
FORMS = ("stabilised", "plain")
BODIES = {"resunet": "RESUNET", "u-net": "U-Net", "autoencoder": "Autoencoder", "rcan": "RCAN"}
CHANGES = {
    "resunet": "shortcuts and skips",
    "u-net": "skips, no shortcuts",
    "autoencoder": "neither",
    "rcan": "another architecture",
}
# Xypakis et al. 2023: MSE, SSIM and cumulative probability.
PUBLISHED = {"resunet": (3.13, 1.63, 1.55), "nlm": (2.27, 1.54, 1.45), "rcan": (2.18, 1.54, 1.17)}


def table(head: list[str], rows: list[list[str]]) -> str:
    """Write a table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float, digits: int = 2) -> str:
    """Write a number, or a dash where there is none."""
    return f"{value:.{digits}f}" if math.isfinite(value) else "–"


def networks(facts: Facts) -> str:
    """Write what each network is, costs and reached on held-out patches."""
    head = ["network", "learnt from", "loss", "parameters", "multiply-adds a pixel"]
    head += ["processor s a step", "arithmetic", "held-out error, dB"]
    rows = []
    for name, said in facts.items():
        cost = said["cost"]
        seconds = cost["cpu_seconds"]
        rows.append(
            [
                TITLES[name],
                "all kinds" if NETS[name].content == "mixed" else NETS[name].content,
                "shipped" if NETS[name].objective == SHIPPED else "J",
                f"{cost['parameters']:,}".replace(",", "\u202f"),
                f"{cost['multiply_adds']:,.0f}".replace(",", "\u202f"),
                number(seconds) if seconds else "–",
                cost["precision"],
                number(said["curve"]["held_out"][-1]),
            ]
        )
    return table(head, rows)


def improvements(rows: list[Row]) -> str:
    """Write each method's improvements, slope, PSNR and bias over a series."""
    head = ["method", *(f"{name} ×" for name in RATIOS), "slope s (95 %)", "PSNR, dB", "bias, %"]
    lines = []
    for name in present(rows):
        fit = slope(rows, name) if name != "raw" else None
        lines.append(
            [
                TITLES[name],
                *(number(average(rows, name, ratio)) for ratio in RATIOS.values()),
                f"{fit.factor:.1f} ({fit.low:.1f} to {fit.high:.1f})" if fit else "–",
                number(mean_figure(rows, name, "psnr"), 1),
                number(mean_figure(rows, name, "bias"), 1),
            ]
        )
    return table(head, lines)


def by_exposure(rows: list[Row], unit: str) -> str:
    """Write the improvement of the squared error at each exposure, in some unit."""
    levels = exposures(rows)
    lines = [
        [TITLES[name], *(number(average(at(rows, exposure=one), name, mse)) for one in levels)]
        for name in present(rows)
        if name != "raw"
    ]
    return table([f"MSE × at {unit}", *(f"{level:g}" for level in levels)], lines)


def published(series: dict[str, list[Row]]) -> str:
    """Write the paper's improvements beside ours, MSE / SSIM / KS."""
    head = ["method", "paper", *series]
    lines = [
        [
            TITLES[name],
            " / ".join(number(one) for one in said),
            *(_three(rows, name) for rows in series.values()),
        ]
        for name, said in PUBLISHED.items()
    ]
    others = ("resunet-plain-kl", "rcan-plain", "resunet-2d")
    lines += [
        [TITLES[name], "", *(_three(rows, name) for rows in series.values())] for name in others
    ]
    return table(head, lines)


def _three(rows: list[Row], name: str) -> str:
    return " / ".join(number(average(rows, name, ratio)) for ratio in RATIOS.values())


def ablation(series: dict[str, list[Row]]) -> str:
    """Write MSE improvements of bodies in both forms, over the series."""
    head = ["body", "has", *(f"{title}: {form}" for title in series for form in FORMS)]
    lines = []
    for body, title in BODIES.items():
        found = [
            number(average(rows, body if form == "stabilised" else f"{body}-plain", mse))
            for rows in series.values()
            for form in FORMS
        ]
        lines.append([title, CHANGES[body], *found])
    return table(head, lines)


def differences(rows: list[Row], reference: str) -> str:
    """Write every method's squared error over that of the reference, paired by scene."""
    lines = []
    for name in present(rows):
        found = paired(rows, name, reference)
        if name in ("raw", reference) or found is None:
            continue
        verdict = "not decided"
        if found.decided:
            verdict = "worse" if found.factor > 1 else "better"
        span = f"{found.low:.2f} to {found.high:.2f}"
        lines.append([TITLES[name], number(found.factor), span, str(found.scenes), verdict])
    head = ["method", f"MSE over that of {TITLES[reference]}", "95 % interval", "scenes"]
    return table([*head, "than the reference"], lines)


def class_slopes(rows: list[Row]) -> str:
    """Write signal improvements on a network's own class and on the others."""
    lines = []
    for form, of in zip(FORMS, (OF_CLASS, PLAIN_OF_CLASS), strict=True):
        for name, net in of.items():
            own = at(rows, **{"class": name})
            other = [row for row in rows if row["class"] != name]
            lines.append([name, form, *(_slope(part, net) for part in (own, other))])
    others = ("resunet", "resunet-plain", "resunet-2d", "nlm")
    lines += [[TITLES[name], "–", "–", _slope(rows, name)] for name in others]
    return table(["learnt from", "form", "own class", "other classes (below: all)"], lines)


def _slope(rows: list[Row], name: str) -> str:
    fit = slope(having(rows, name), name)
    return f"{fit.factor:.1f} ({fit.low:.1f} to {fit.high:.1f})" if fit else "–"


def matrix(rows: list[Row]) -> str:
    """Write MSE improvements, networks of one class by the class they are tried on."""
    lines = []
    nets = [*OF_CLASS.values(), "resunet", *PLAIN_OF_CLASS.values(), "resunet-plain", "resunet-2d"]
    for name in [*nets, "nlm", "gaussian"]:
        found = [number(average(at(rows, **{"class": one}), name, mse)) for one in CLASSES]
        lines.append([TITLES[name], *found])
    return table(["MSE ×", *CLASSES], lines)


def over_omega(rows: list[Row], dose: str) -> str:
    """Write MSE improvements over Ω."""
    there = at(rows, dose=dose)
    levels = sorted({(row["exposure"], row["omega"]) for row in there})
    head = ["MSE ×", *(f"Ω {omega:.3f} ({size:g} µm)" for size, omega in levels)]
    lines = [
        [TITLES[name], *(number(average(at(there, omega=one), name, mse)) for _, one in levels)]
        for name in present(there)
        if name != "raw"
    ]
    return table(head, lines)
