"""A truth that is itself a measurement: of another exposure, noisy, or sharing frames.

Exposures are in any one unit of time. The sums are those of Poisson counts: a truth of
exposure T that is scaled to the input's exposure t keeps ``t / T`` of its variance.
"""

from __future__ import annotations

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.checks import check_image, check_read_noise
from napari_photon_denoise.metrics.squared_error import mse

APART = 0.1  # relative; exposures that differ more are told


def scale_truth(truth: Float32, truth_exposure: float, exposure: float) -> Float32:
    """Scale a truth to the photons that the input's exposure would have given.

    Parameters
    ----------
    truth : array of any shape, float32, e-
    truth_exposure, exposure : float, in one unit
        Of the truth, and of the image to compare with it.

    Returns
    -------
    array of the truth's shape, float32, e-

    Raises
    ------
    PhotonDenoiseError
        If an exposure is not above 0.
    """
    return truth.astype(np.float32) * np.float32(_ratio(truth_exposure, exposure))


def truth_noise(
    truth: Float32,
    truth_exposure: float,
    exposure: float,
    read_noise: float | Float32 = 0.0,
) -> float:
    """Variance that a measured truth's own noise adds to an MSE, after `scale_truth`.

    ``mean(scaled truth) · t / T + mean(read_noise²) · (t / T)²``.

    Parameters
    ----------
    truth : array of any shape, float32, e-
        As measured, before any scaling.
    truth_exposure, exposure : float, in one unit
    read_noise : float or array that fits the truth, e- rms
        In the truth as measured: √M times a frame's for a sum of M frames.

    Returns
    -------
    float, e-²

    Raises
    ------
    PhotonDenoiseError
        If an exposure is not above 0, a pixel is not finite, or read noise is negative.
    """
    check_image(truth, "truth")
    check_read_noise(read_noise, truth.shape)
    ratio = _ratio(truth_exposure, exposure)
    # The counts stand in for their own variance: unbiased over many pixels.
    shot = float(np.mean(truth, dtype=np.float64))
    read = float(np.mean(np.square(read_noise, dtype=np.float64)))
    return (shot + read) * ratio**2


def mse_to_noisy_truth(
    image: Float32,
    truth: Float32,
    truth_exposure: float,
    exposure: float,
    read_noise: float | Float32 = 0.0,
) -> float:
    """Mean squared error to the truth behind a measured, longer exposure.

    The MSE to the scaled truth, less that truth's own noise: unbiased if the truth was
    recorded apart from the image. It can come out below 0 where the error is smaller than
    the truth's noise lets one see.

    Parameters
    ----------
    image, truth : (..., Y, X) float32, e-
        `truth` as measured, before any scaling.
    truth_exposure, exposure : float, in one unit
        Of the truth, and of the image.
    read_noise : float or array that fits the truth, e- rms
        In the truth as measured.

    Returns
    -------
    float, e-²

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, a pixel is not finite, an exposure is not above 0, or read
        noise is negative.
    """
    error = mse(image, scale_truth(truth, truth_exposure, exposure))
    return error - truth_noise(truth, truth_exposure, exposure, read_noise)


def note_exposure(raw: Float32, truth: Float32 | None) -> tuple[str, ...]:
    """Say so where the truth was exposed otherwise than the raw image; a sentence, or none.

    Parameters
    ----------
    raw, truth : arrays of one shape, float32, e-
    """
    if truth is None:
        return ()
    mean, true_mean = (float(np.mean(image, dtype=np.float64)) for image in (raw, truth))
    if mean <= 0 or true_mean <= 0 or abs(true_mean / mean - 1) <= APART:
        return ()
    return (
        f"The truth has {true_mean / mean:.3g} times the photons of the raw image: if it was "
        "exposed longer, set its exposure to that.",
    )


def correct_shared_frames(error: float, input_frames: int, truth_frames: int) -> float:
    """Correct the raw image's MSE where the truth's average holds the image's own frames.

    An average of m frames shares its noise with the average of M frames it is part of: its
    MSE is too small by the factor ``1 - m / M``. That is exact for the raw image; of a
    denoised one nobody knows how much of the shared noise is left, so record its truth
    apart from it.

    Parameters
    ----------
    error : float, e-²
        MSE of the average of `input_frames` to the average of `truth_frames`.
    input_frames, truth_frames : int
        m and M.

    Returns
    -------
    float, e-²

    Raises
    ------
    PhotonDenoiseError
        Unless 1 <= input_frames < truth_frames.
    """
    if not 1 <= input_frames < truth_frames:
        raise PhotonDenoiseError(
            "The truth must average more frames than the input, and the input at least one; "
            f"here they are {truth_frames} and {input_frames}."
        )
    return error / (1 - input_frames / truth_frames)


def _ratio(truth_exposure: float, exposure: float) -> float:
    if not (0 < truth_exposure < np.inf and 0 < exposure < np.inf):
        raise PhotonDenoiseError(
            f"Exposures must be above 0; they are {truth_exposure:g} for the truth and "
            f"{exposure:g} for the image."
        )
    return exposure / truth_exposure
