"""What is compared, and what is known of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.evaluation.figure import Reading, read, read_all
from napari_photon_denoise.evaluation.figures import (
    BEHIND_BEST,
    HELD_OUT,
    SECONDS,
    SUPPORTED,
    WITH_NOISY_TRUTH,
    WITH_TRUTH,
    Beside,
    read_beside,
)
from napari_photon_denoise.evaluation.method_run import Runnable
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.metrics.held_out import HeldOutScore

RAW = "Raw"  # the row of the image as it is

NOT_YET = NotApplicable("This is known when all methods are done.")
SAME_EXPOSURE = "The truth is taken as exact: give its exposure if it is a longer, noisy one."


@dataclass(frozen=True, eq=False)
class Candidate:
    """A method to run, or an image that is finished already, or both.

    Parameters
    ----------
    name : str
        For people; each name once.
    method : Denoiser, or function ``(photons, read_noise) -> photons``, optional
        What makes the image, or made it; None if nobody knows.
    finished : array of the region's shape, float32, e-, optional
        What it made; None to run the method.
    """

    name: str
    method: Runnable | None = None
    finished: Float32 | None = None


@dataclass(frozen=True, eq=False)
class Row:
    """One candidate and its figures; a reason takes the place of what can't be given.

    Parameters
    ----------
    name : str
    clean : array of the region's shape, float32, e-, or None
        None where the method failed.
    readings : mapping of key to Reading
        All figures of the table's sections about methods.
    notes : tuple of str
        What the method has to say about the image, a sentence each.
    """

    name: str
    clean: Float32 | None
    readings: Mapping[str, Reading]
    notes: tuple[str, ...] = ()

    def __getitem__(self, key: str) -> Reading:
        """Return the figure of a key, such as "psnr".

        Raises
        ------
        KeyError
            If it is not among them.
        """
        return self.readings[key]

    def with_readings(self, *others: Reading) -> Row:
        """Return a row in which these take the place of those of the same keys."""
        return replace(self, readings={**self.readings, **{one.key: one for one in others}})

    def beside(self, raw: Row) -> Row:
        """Return a row that knows the raw image's figures, so that it has improvements."""
        return self.with_readings(
            *(replace(one, before=raw[key].value) for key, one in self.readings.items())
        )


def make_row(
    name: str,
    clean: Float32 | None,
    held_out: HeldOutScore | NotApplicable,
    truth: Beside | NotApplicable,
    seconds: float | NotApplicable,
    notes: tuple[str, ...] = (),
) -> Row:
    """Take all figures of a candidate but its distance from the best.

    Parameters
    ----------
    name, clean, notes
        Those of the row.
    held_out : HeldOutScore or NotApplicable
    truth : Beside or NotApplicable
        The image beside its truth.
    seconds : float or NotApplicable
        That the region took, loading and training included.
    """
    is_exact = isinstance(truth, Beside) and truth.exposure == 1
    readings = [
        *read_all(HELD_OUT, held_out),
        read(BEHIND_BEST, NOT_YET),
        read(SUPPORTED, held_out),
        *read_beside(WITH_TRUTH, truth),
        *read_beside(WITH_NOISY_TRUTH, NotApplicable(SAME_EXPOSURE) if is_exact else truth),
        read(SECONDS, seconds),
    ]
    return Row(name, clean, {one.key: one for one in readings}, notes)


def failed(name: str, sentence: str) -> Row:
    """Return the row of a method that could not be run."""
    reason = NotApplicable(sentence)
    return make_row(name, None, reason, reason, reason, (sentence,))


def rank(row: Row) -> tuple[int, float]:
    """Return what rows are sorted by, best first: held-out error, else error to the truth."""
    keys = ("held-out-mse", "mse", "nrmse")
    for place, key in enumerate(keys):
        value = row[key].value
        if value is not None:
            return place, value
    return len(keys) + (row.clean is None), 0.0
