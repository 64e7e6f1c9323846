"""What a comparison comes to, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from napari_photon_denoise.evaluation.methods.rows import RAW, Row, TruthFigures
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
    if isinstance(comparison, NotApplicable):
        return replace(row, behind=comparison)
    if isinstance(row.held_out, NotApplicable):
        return replace(row, behind=row.held_out)
    best = comparison.ranking()[0]
    if row.name == best:
        return replace(row, behind=Difference(0.0, 0.0, 0.0, 0.0))
    return replace(row, behind=comparison.difference(row.name, best))


def _by_truth(rows: Sequence[Row]) -> str:
    """Name the smallest error to the truth; empty without a truth."""
    errors = {
        row.name: row.truth.mse
        for row in rows
        if isinstance(row.truth, TruthFigures) and isinstance(row.truth.mse, float)
    }
    if not errors:
        return ""
    return f"Against the truth, {min(errors, key=errors.__getitem__)} has the smallest error."
