"""Sentences that depend on what was measured."""

from __future__ import annotations

from benchmarks.study.summary import by_exposure, lines, paired
from benchmarks.study.tables import PUBLISHED, Facts, Rows

RATIOS = {"MSE": "mse", "SSIM": "ssim", "KS": "ks"}


def orders(series: dict[str, Rows]) -> str:
    """Say the order of the paper's methods: "- cells. MSE: RCAN 3.10, NLM 2.20; SSIM: …"."""
    found = []
    for title, rows in series.items():
        parts = []
        known = {name: one for name, one in lines(rows).items() if name in PUBLISHED}
        for ratio, name in RATIOS.items():
            values = {method: getattr(one, name) for method, one in known.items()}
            ranked = sorted(values, key=lambda method: -values[method])
            parts.append(f"{ratio}: {', '.join(f'{one} {values[one]:.2f}' for one in ranked)}")
        found.append(f"- {title}. {'; '.join(parts)}.")
    return "\n".join(found)


def comparisons(series: dict[str, Rows], pairs: tuple[tuple[str, str], ...]) -> str:
    """Say how the squared errors of pairs differ in every series, and if the scenes decide it."""
    found = []
    for title, rows in series.items():
        for method, reference in pairs:
            one = paired(rows, method, reference)
            if one is None:
                continue
            size, low, high = (100 * (ratio - 1) for ratio in (one.factor, one.low, one.high))
            found.append(
                f"- {title}. {method} against {reference}: squared error {size:+.0f} % (95 % "
                f"interval {low:+.0f} to {high:+.0f} %, {one.scenes} scenes)"
                f"{'' if one.decided else ': not decided'}."
            )
    return "\n".join(found)


def by_light(rows: Rows) -> str:
    """Say how the improvements fall from the darkest to the brightest image."""
    (dark, darkest), *_, (bright, brightest) = by_exposure(rows).items()
    before, after = lines(darkest), lines(brightest)
    return "; ".join(
        f"{name} {before[name].ratios['mse']:.1f} at {dark} and {after[name].ratios['mse']:.1f} "
        f"at {bright}"
        for name in PUBLISHED
        if name in before and name in after
    )


def costs(facts: Facts) -> str:
    """Say how many times more processor time a step of each network takes than RESUNET's."""
    seconds = {name: said["step_seconds"] for name, said in facts.items()}
    if not seconds.get("RESUNET"):
        return "not measured yet"
    others = [name for name in ("U-Net", "Autoencoder", "RCAN", "DnCNN") if seconds.get(name)]
    return ", ".join(f"{name} {seconds[name] / seconds['RESUNET']:.1f}" for name in others)
