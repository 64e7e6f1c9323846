"""One test of a calibration: its figure, its threshold, and one sentence of advice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["PASS", "WARN", "FAIL"]


@dataclass(frozen=True)
class Verdict:
    """One test.

    Parameters
    ----------
    key : str
        Kebab-case name.
    status : {"PASS", "WARN", "FAIL"}
    value : float
    figure : str
        The value for people, with its unit.
    threshold : str
        What it was held against.
    advice : str
        One sentence: what it means, and what to do.
    """

    key: str
    status: Status
    value: float
    figure: str
    threshold: str
    advice: str

    def describe(self) -> str:
        """One line for people."""
        return f"{self.status}  {self.key}: {self.figure} ({self.threshold}). {self.advice}"


def small(
    key: str,
    value: float,
    unit: str,
    warn: float | None,
    fail: float | None,
    advice: str,
    fine: str,
) -> Verdict:
    """Judge a value that should be small; the unit "%" takes shares."""
    status: Status = "PASS"
    if fail is not None and value > fail:
        status = "FAIL"
    elif warn is not None and value > warn:
        status = "WARN"

    def show(number: float) -> str:
        if unit != "%":
            return f"{number:.3g} {unit}".strip()
        # Shares below what anybody would act on are not written with exponents.
        return "below 0.001 %" if 0 < number < 1e-5 else f"{100 * number:.3g} %"

    limits = [
        f"{word} above {show(limit)}"
        for word, limit in (("warns", warn), ("fails", fail))
        if limit is not None
    ]
    text = fine if status == "PASS" else advice
    return Verdict(key, status, float(value), show(value), ", ".join(limits), text)


def enough(key: str, frames: int, least: int, advice: str) -> Verdict:
    """Judge a number of frames."""
    few = frames < least
    return Verdict(
        key, "WARN" if few else "PASS", frames, f"{frames}", f"warns below {least}",
        advice if few else "Enough frames.",
    )  # fmt: skip
