"""What a comparison comes to, in words."""

from __future__ import annotations

from collections.abc import Sequence

from napari_photon_denoise.evaluation.figure import read
from napari_photon_denoise.evaluation.figures import BEHIND_BEST
from napari_photon_denoise.evaluation.methods.rows import RAW, Row
from napari_photon_denoise.evaluation.ranking import Comparison
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.metrics.held_out import Difference


def find_verdict(rows: Sequence[Row], comparison: Comparison | NotApplicable) -> str:
    """Say in a sentence or two which candidate is best, and how sure that is.

    Parameters
    ----------
    rows : sequence of Row
    comparison : Comparison or NotApplicable
    """
    by_truth = _by_truth(rows)
    if isinstance(comparison, NotApplicable):
        return by_truth or f"No ranking: {comparison.reason}"
    sentences = []
    if set(comparison.scores) == {RAW}:
        if not by_truth:
            return "No ranking: none of the finished images can be run again on fewer photons."
    else:
        sentences.append(comparison.verdict())
        if RAW in comparison.ties():
            sentences.append("No method is clearly better than the raw image here.")
    if comparison.doubt:
        sentences.append(comparison.doubt)
    return " ".join([*sentences, by_truth]).strip()


def with_distance(row: Row, comparison: Comparison | NotApplicable) -> Row:
    """Return a row with its distance from the best."""
    return row.with_readings(read(BEHIND_BEST, _distance(row, comparison)))


def _distance(row: Row, comparison: Comparison | NotApplicable) -> Difference | NotApplicable:
    if isinstance(comparison, NotApplicable):
        return comparison
    if row["held-out-mse"].reason:
        return NotApplicable(row["held-out-mse"].reason)
    best = comparison.ranking()[0]
    if row.name == best:
        return Difference(0.0, 0.0, 0.0, 0.0)
    return comparison.difference(row.name, best)


def _by_truth(rows: Sequence[Row]) -> str:
    """Name the smallest error to the truth; empty without a truth."""
    for key, fit in (("mse", ""), ("nrmse", " after the best scale and offset")):
        errors = {row.name: error for row in rows if (error := row[key].value) is not None}
        if errors:
            best = min(errors, key=errors.__getitem__)
            return f"Against the truth, {best} has the smallest error{fit}."
    return ""
