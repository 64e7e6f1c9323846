"""What does not fit in the table of a comparison: further figures, and improvements of all."""

from __future__ import annotations

from collections.abc import Sequence

from napari_photon_denoise.evaluation.figures import RELATIVE
from napari_photon_denoise.evaluation.methods.columns import COLUMNS, THREE, Column, of_truth
from napari_photon_denoise.evaluation.methods.rows import NOT_YET, RAW, SAME_EXPOSURE, Figure, Row
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.metrics.poisson import METRIC_EPSILON

RAISED = f"means raised by {METRIC_EPSILON} e-"
NO_RATIO = NotApplicable("One of the two is not above 0, so that they have no ratio.")
NONE = "–"

DETAILS = (
    Column(
        "SI-PSNR", "dB",
        "PSNR after the best scale and offset, which the raw image is given as well.",
        "high", of_truth(lambda figures: figures.si_psnr), ".2f", needs_truth=True,
    ),
    Column(
        "NRMSE", "",
        "Error after the best scale and offset, which the raw image is given as well, over the "
        "truth's range (percentiles 0.1 to 99.9).",
        "low", of_truth(lambda figures: figures.nrmse), THREE, needs_truth=True,
    ),
    Column(
        "SNR", "dB", "The truth's power over the error's; grows with the background.",
        "high", of_truth(lambda figures: figures.snr), ".2f", needs_truth=True,
    ),
    Column(
        "KL", "nats/px", f"Poisson divergence of the image from the truth ({RAISED}).",
        "low", of_truth(lambda figures: figures.kl), THREE, needs_truth=True,
    ),
    Column(
        "KL backward", "nats/px", f"Poisson divergence of the truth from the image ({RAISED}).",
        "low", of_truth(lambda figures: figures.kl_backward), THREE, needs_truth=True,
    ),
    Column(
        "KL both", "nats/px", f"Forward plus backward ({RAISED}).",
        "low", of_truth(lambda figures: figures.kl_symmetric), THREE, needs_truth=True,
    ),
    Column(
        "MSE less truth's noise", "e-²",
        "Mean squared error without the shot noise of a longer, noisy truth.",
        "low", of_truth(lambda figures: figures.mse_behind_noise), THREE, needs_truth=True,
    ),
)  # fmt: skip
# The bias has none: the raw image's is chance.
IMPROVED = tuple(column for column in (*COLUMNS, *DETAILS) if column.best in ("low", "high"))


def details(rows: Sequence[Row], *, with_truth: bool) -> tuple[Column, ...]:
    """Return the further figures; none without a truth, which all of them need."""
    return tuple(column for column in DETAILS if with_truth and _is_asked(column, rows))


def improved(rows: Sequence[Row], *, with_truth: bool) -> tuple[Column, ...]:
    """Return the columns whose figures have an improvement."""
    return tuple(
        column
        for column in IMPROVED
        if (with_truth or not column.needs_truth) and _is_asked(column, rows)
    )


def improvement(column: Column, row: Row) -> Figure:
    """How many times better a row is than the raw image; in dB, how many more.

    Parameters
    ----------
    column : Column
        Of `IMPROVED`.
    row : Row
    """
    if row.raw is None:
        return NOT_YET
    value, before = column.value(row), column.value(row.raw)
    for one in (value, before):
        if isinstance(one, NotApplicable):
            return one
    assert isinstance(value, float) and isinstance(before, float)  # noqa: PT018
    if column.unit == "dB":
        return value - before
    if not (value > 0 and before > 0):
        return NO_RATIO
    return RELATIVE["lower" if column.best == "low" else "higher"](before, value)


def improvement_header(column: Column) -> str:
    """Title of an improvement, such as "PSNR + (dB)" or "MSE ×"."""
    return f"{column.title} + (dB)" if column.unit == "dB" else f"{column.title} ×"


def improvement_rows(rows: Sequence[Row], *, with_truth: bool) -> list[list[str]]:
    """Write the improvements of all rows but the raw image's, below their headers."""
    columns = improved(rows, with_truth=with_truth)
    return [
        [row.name, *(_text(column, improvement(column, row)) for column in columns)]
        for row in rows
        if row.name != RAW and row.clean is not None
    ]


def _is_asked(column: Column, rows: Sequence[Row]) -> bool:
    """Return False for what needs a truth of another exposure, where there is none."""
    return any(column.value(row) is not SAME_EXPOSURE for row in rows)


def _text(column: Column, value: Figure) -> str:
    if isinstance(value, NotApplicable):
        return NONE
    return f"{value:+.2f}" if column.unit == "dB" else f"{value:.3g}"
