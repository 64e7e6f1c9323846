"""The page's tables, Markdown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.gaussians import BEST
from benchmarks.markdown import table
from benchmarks.study.content import CLASSES
from benchmarks.study.methods import NLM, SHIPPED
from benchmarks.study.nets import NETS, OF_CLASS, PLAIN_OF_CLASS
from benchmarks.study.nets import SHIPPED as SHIPPED_LOSS
from benchmarks.study.summary import line, lines, paired

from napari_photon_denoise.evaluation.study import MethodSummary, Study, StudyRow
from napari_photon_denoise.reports.study.tables import SUMMARY, summary_rows

Rows = Sequence[StudyRow]
Facts = dict[str, dict[str, Any]]  # of each trained network
FORMS = {"stabilised": "", "plain": ", plain"}
CHANGES = {
    "RESUNET": "shortcuts and skips",
    "U-Net": "skips, no shortcuts",
    "Autoencoder": "neither",
    "RCAN": "another architecture",
}
# Xypakis et al. 2023: MSE, SSIM and cumulative probability.
PUBLISHED = {
    "RESUNET": "3.13 / 1.63 / 1.55",
    NLM: "2.27 / 1.54 / 1.45",
    "RCAN": "2.18 / 1.54 / 1.17",
}
BESIDE = ("RESUNET, plain, J loss", "RCAN, plain", SHIPPED)


def number(value: float, digits: int = 2) -> str:
    """Write a number, or a dash where there is none."""
    return f"{value:.{digits}f}" if math.isfinite(value) else "–"


def networks(facts: Facts) -> str:
    """Write what each network is, costs and reached on held-out patches."""
    head = ["network", "learnt from", "loss", "parameters", "multiply-adds a pixel"]
    head += ["processor s a step", "held-out error, dB"]
    rows = [
        [
            title,
            NETS[title].content,
            "shipped" if NETS[title].objective == SHIPPED_LOSS else "J",
            *(f"{said[cost]:,.0f}".replace(",", "\u202f") for cost in ("parameters", "work")),
            number(said["step_seconds"] or math.nan),
            number(said["curve"]["held_out"][-1]),
        ]
        for title, said in facts.items()
    ]
    return table(head, rows)


def improvements(rows: Rows) -> str:
    """Write the summary of a series as the package does."""
    return table(SUMMARY, summary_rows(list(lines(rows).values())))


def gains(groups: Mapping[str, Rows], title: str, methods: Sequence[str] = ()) -> str:
    """Write MSE improvements of methods, all if none are named, over groups of rows."""
    every = dict.fromkeys(row.method for rows in groups.values() for row in rows)
    found = [
        [name, *(number(line(rows, name).ratios["mse"]) for rows in groups.values())]
        for name in methods or every
    ]
    return table([title, *groups], found)


def published(series: dict[str, Rows]) -> str:
    """Write the paper's improvements beside ours, MSE / SSIM / KS."""
    found = [
        [name, PUBLISHED.get(name, ""), *(_three(line(rows, name)) for rows in series.values())]
        for name in (*PUBLISHED, *BESIDE)
    ]
    return table(["method", "paper", *series], found)


def _three(one: MethodSummary) -> str:
    return " / ".join(number(figure) for figure in one.ratios.values())


def ablation(series: dict[str, Rows]) -> str:
    """Write MSE improvements of bodies in both forms, over the series."""
    found = [
        [
            body,
            change,
            *(
                number(line(rows, body + ending).ratios["mse"])
                for rows in series.values()
                for ending in FORMS.values()
            ),
        ]
        for body, change in CHANGES.items()
    ]
    return table(["body", "has", *(f"{name}: {form}" for name in series for form in FORMS)], found)


def differences(rows: Rows, reference: str) -> str:
    """Write every method's squared error over that of the reference, paired by scene."""
    found = []
    for name in Study(tuple(rows)).methods:
        one = paired(rows, name, reference)
        if name == reference or one is None:
            continue
        verdict = ("worse" if one.factor > 1 else "better") if one.decided else "not decided"
        span = f"{one.low:.2f} to {one.high:.2f}"
        found.append([name, number(one.factor), span, str(one.scenes), verdict])
    head = ["method", f"MSE over that of {reference}", "95 % interval", "scenes"]
    return table([*head, "than the reference"], found)


def class_gains(rows: Rows) -> str:
    """Write MSE improvements, networks of one class by the class they are tried on."""
    nets = [*OF_CLASS.values(), "RESUNET", *PLAIN_OF_CLASS.values(), "RESUNET, plain"]
    groups = {name: of_class(rows, name) for name in CLASSES}
    return gains(groups, "MSE ×", [*nets, SHIPPED, NLM, BEST])


def class_slopes(rows: Rows) -> str:
    """Write signal improvements on a network's own class and on the others."""
    found = []
    for form, of in zip(FORMS, (OF_CLASS, PLAIN_OF_CLASS), strict=True):
        for name, net in of.items():
            own = of_class(rows, name)
            others = [row for row in rows if row not in own]
            found.append([name, form, *(_slope(part, net) for part in (own, others))])
    others = ("RESUNET", "RESUNET, plain", SHIPPED, NLM)
    found += [[name, "–", "–", _slope(rows, name)] for name in others]
    return table(["learnt from", "form", "own class", "other classes (below: all)"], found)


def of_class(rows: Rows, name: str) -> list[StudyRow]:
    """Return the rows of images of a class."""
    return [row for row in rows if row.image.startswith(name)]


def _slope(rows: Rows, name: str) -> str:
    fit = line(rows, name).slope
    return f"{fit.factor:.1f} ({fit.low:.1f} to {fit.high:.1f})" if fit else "–"


def over_omega(rows: Rows) -> str:
    """Write MSE improvements over Ω."""
    groups: dict[str, list[StudyRow]] = {}
    for row in sorted(rows, key=lambda row: row.omega or 0):
        groups.setdefault(f"Ω {row.omega:.3f} ({row.exposure:g} µm)", []).append(row)
    return gains(groups, "MSE ×")
