"""The figures of one image as a line: of a table, and of CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Self

from benchmarks.blind.case import Case
from benchmarks.blind.figures import PERCENTILES, Told
from benchmarks.blind.network import Denoised

HEAD = (
    "image",
    "rung",
    "gain e-/ADU",
    "length y, x px (true)",
    *(f"variance, {percent} %" for percent in PERCENTILES),
    "told nothing, dB",
    "told the truth",
    "loss",
    "s",
)


@dataclass(frozen=True)
class Row:
    """Everything that is found of one image; None where it does not apply.

    Parameters
    ----------
    loss : float, dB
        PSNR of the network told the truth minus that of the network told nothing.
    unsettled : float, dB
        PSNR told nothing, without the last check; where that has corrected something.
    """

    kind: str
    scene: str
    light: str
    refused: bool
    rung: str
    relative: bool
    sentence: str
    gain: float | None
    length_y: float | None
    length_x: float | None
    white: bool | None
    true_y: float | None
    true_x: float | None
    ratio_dark: float | None
    ratio_middle: float | None
    ratio_bright: float | None
    within: bool | None
    seconds: float
    raw: float | None = None
    blind: float | None = None
    told: float | None = None
    loss: float | None = None
    unsettled: float | None = None
    notes: str = ""

    @classmethod
    def of(cls, case: Case, told: Told, denoised: Denoised | None = None) -> Self:
        """Put the figures together."""
        truth, estimate = case.truth, told.estimate
        dark, middle, bright = told.ratios or (None, None, None)
        return cls(
            kind=case.kind,
            scene=case.scene,
            light=case.light,
            refused=estimate is None,
            rung=estimate.rung if estimate else "",
            relative=bool(estimate and estimate.relative),
            sentence=told.sentence,
            gain=estimate.gain if estimate else None,
            length_y=estimate.length_y if estimate else None,
            length_x=estimate.length_x if estimate else None,
            white=truth.white if truth else None,
            true_y=truth.length_y if truth else None,
            true_x=truth.length_x if truth else None,
            ratio_dark=dark,
            ratio_middle=middle,
            ratio_bright=bright,
            within=told.within if told.ratios else None,
            seconds=told.seconds,
            raw=denoised.raw if denoised else None,
            blind=denoised.blind if denoised else None,
            told=denoised.told if denoised else None,
            loss=denoised.loss if denoised else None,
            unsettled=denoised.unsettled if denoised else None,
            notes=" ".join(denoised.notes) if denoised else "",
        )

    @property
    def correlated(self) -> bool:
        """Whether it was told that neighbours share noise."""
        return bool(self.length_y or self.length_x)

    def cells(self) -> list[str]:
        """Write the line of a table."""
        name = f"{self.kind}/{self.scene}/{self.light}".rstrip("/")
        decibels = [_number(each, "{:.2f}") for each in (self.blind, self.told, self.loss)]
        if self.unsettled is not None:
            decibels[0] += f" (unsettled {self.unsettled:.2f})"
        if self.refused:
            why = self.sentence.split(":")[0].split("(")[0][:70]
            return [name, "refused", why, *[""] * 4, *decibels, f"{self.seconds:.2f}"]
        ratios = (self.ratio_dark, self.ratio_middle, self.ratio_bright)
        true = "" if self.white is None else f" ({self.true_y:.2f}, {self.true_x:.2f})"
        return [
            name,
            self.rung + (", relative" if self.relative else ""),
            _number(self.gain, "{:.3g}"),
            f"{self.length_y:.2f}, {self.length_x:.2f}{true}",
            *(_number(ratio, "{:.2f}") for ratio in ratios),
            *decibels,
            f"{self.seconds:.2f}",
        ]


def write_csv(path: Path, rows: Iterable[Row]) -> None:
    """Write every figure, a line an image."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [each.name for each in fields(Row)])
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


def _number(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)
