"""What is compared, and what is known of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.method_run import Runnable
from napari_photon_denoise.metrics.affine import nrmse, si_psnr
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.metrics.distributions import ks_distance
from napari_photon_denoise.metrics.exposure import mse_to_noisy_truth, scale_truth
from napari_photon_denoise.metrics.held_out import Difference, HeldOutScore
from napari_photon_denoise.metrics.poisson import poisson_kl, symmetric_kl
from napari_photon_denoise.metrics.squared_error import bias, mse, psnr, snr
from napari_photon_denoise.metrics.structure import ssim

RAW = "Raw"  # the row of the image as it is

NOT_YET = NotApplicable("This is known when all methods are done.")
SAME_EXPOSURE = NotApplicable(
    "The truth is taken as exact: give its exposure if it is a longer, noisy one."
)

Figure = float | NotApplicable


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


@dataclass(frozen=True)
class TruthFigures:
    """What the truth says of an image.

    Parameters
    ----------
    mse : float, e-²
    psnr : float, dB
    ssim : float
    ks : float
        Kolmogorov-Smirnov distance of the histograms.
    bias : float, e-
        Mean photons too many (or, negative, too few) in a pixel.
    si_psnr : float, dB
        PSNR after the best scale and offset.
    nrmse : float
        Root-mean-square error after the best scale and offset, over the truth's range.
    snr : float, dB
    kl, kl_backward, kl_symmetric : float, nats/px
        Poisson divergence from the truth, of the truth, and both.
    mse_behind_noise : float, e-²
        Without the shot noise of a truth of another exposure.
    """

    mse: Figure
    psnr: Figure
    ssim: Figure
    ks: Figure
    bias: Figure
    si_psnr: Figure
    nrmse: Figure
    snr: Figure
    kl: Figure
    kl_backward: Figure
    kl_symmetric: Figure
    mse_behind_noise: Figure


@dataclass(frozen=True, eq=False)
class Row:
    """One candidate and its figures; a reason takes the place of what can't be given.

    Parameters
    ----------
    name : str
    clean : array of the region's shape, float32, e-, or None
        None where the method failed.
    held_out : HeldOutScore or NotApplicable
    truth : TruthFigures or NotApplicable
    seconds : float or NotApplicable
        That the region took, loading and training included.
    notes : tuple of str
        What the method has to say about the image, a sentence each.
    behind : Difference or NotApplicable
        From the best by photons held back, once that is known.
    raw : Row, optional
        That of the raw image, to compare with, once all are done.
    """

    name: str
    clean: Float32 | None
    held_out: HeldOutScore | NotApplicable
    truth: TruthFigures | NotApplicable
    seconds: Figure
    notes: tuple[str, ...] = ()
    behind: Difference | NotApplicable = NOT_YET
    raw: Row | None = None


def failed(name: str, sentence: str) -> Row:
    """Return the row of a method that could not be run."""
    reason = NotApplicable(sentence)
    return Row(name, None, reason, reason, reason, (sentence,), reason)


def measure_with_truth(
    image: Float32, truth: Float32, data_range: float, truth_exposure: float = 1.0
) -> TruthFigures:
    """Measure an image against its truth.

    Parameters
    ----------
    image, truth : (..., Y, X) float32, e-
        The truth scaled to the exposure of the image.
    data_range : float, e-
        The truth's maximum minus its minimum.
    truth_exposure : float
        How many times as long the truth was exposed, before it was scaled.
    """

    def figure(measure: Callable[[], float]) -> Figure:
        try:
            return measure()
        except PhotonDenoiseError as error:
            return NotApplicable(str(error))

    return TruthFigures(
        mse=figure(lambda: mse(image, truth)),
        psnr=figure(lambda: psnr(image, truth, data_range)),
        ssim=figure(lambda: ssim(image, truth, data_range)),
        ks=figure(lambda: ks_distance(image, truth)),
        bias=figure(lambda: bias(image, truth)),
        si_psnr=figure(lambda: si_psnr(image, truth, data_range)),
        nrmse=figure(lambda: nrmse(image, truth)),
        snr=figure(lambda: snr(image, truth)),
        kl=figure(lambda: poisson_kl(truth, image)),
        kl_backward=figure(lambda: poisson_kl(image, truth)),
        kl_symmetric=figure(lambda: symmetric_kl(truth, image)),
        mse_behind_noise=SAME_EXPOSURE
        if truth_exposure == 1
        else figure(lambda: _behind_noise(image, truth, truth_exposure)),
    )


def _behind_noise(image: Float32, truth: Float32, exposure: float) -> float:
    return mse_to_noisy_truth(image, scale_truth(truth, 1, exposure), exposure, 1)


def rank(row: Row) -> tuple[int, float]:
    """Return what rows are sorted by, best first: held-out error, else error to the truth."""
    if isinstance(row.held_out, HeldOutScore):
        return 0, row.held_out.mse
    if isinstance(row.truth, TruthFigures) and isinstance(row.truth.mse, float):
        return 1, row.truth.mse
    return (2, 0.0) if row.clean is not None else (3, 0.0)
