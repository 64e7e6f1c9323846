"""Errors of an image beside its truth, in photons and in decibels."""

from __future__ import annotations

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.checks import check_pair, check_range


def mse(image: Float32, truth: Float32) -> float:
    """Mean squared error.

    Parameters
    ----------
    image, truth : (..., Y, X) float32, e-

    Returns
    -------
    float, e-²

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, or a pixel is NaN or infinite.
    """
    check_pair(image, truth)
    return float(np.mean(np.square(np.subtract(image, truth, dtype=np.float64))))


def psnr(image: Float32, truth: Float32, data_range: float) -> float:
    """Peak signal-to-noise ratio; infinite for equal images.

    Parameters
    ----------
    image, truth : (..., Y, X) float32, e-
    data_range : float, e-
        What counts as the peak; here always the truth's maximum minus its minimum.

    Returns
    -------
    float, dB

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, a pixel is not finite, or the range is not above 0.
    """
    check_range(data_range)
    return decibels(data_range, mse(image, truth))


def decibels(data_range: float, error: float) -> float:
    """PSNR of a mean squared error, dB.

    Parameters
    ----------
    data_range : float, e-
    error : float, e-²
        Infinite if it is 0; NaN below, where an estimate of it has no logarithm.
    """
    if error < 0:
        return float("nan")
    return float("inf") if error == 0 else float(10 * np.log10(data_range**2 / error))


def snr(image: Float32, truth: Float32) -> float:
    """Signal-to-noise ratio, ``10 log10(Σ truth² / Σ (truth - image)²)``.

    Unlike the PSNR it needs no range, but it grows with the background's offset.

    Parameters
    ----------
    image, truth : (..., Y, X) float32, e-

    Returns
    -------
    float, dB
        Infinite for equal images.

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, a pixel is not finite, or the truth is zero everywhere.
    """
    error = mse(image, truth)
    power = float(np.mean(np.square(truth, dtype=np.float64)))
    if power == 0:
        raise PhotonDenoiseError("The truth is zero everywhere: it holds no signal to compare.")
    return float("inf") if error == 0 else float(10 * np.log10(power / error))


def bias(image: Float32, truth: Float32) -> float:
    """Mean photons too many (or, negative, too few) in a pixel.

    Parameters
    ----------
    image, truth : (..., Y, X) float32, e-

    Returns
    -------
    float, e- per pixel

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, or a pixel is NaN or infinite.
    """
    check_pair(image, truth)
    return float(np.mean(image, dtype=np.float64) - np.mean(truth, dtype=np.float64))
