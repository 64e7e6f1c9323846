"""What a package shows before anyone runs it: a cover, and samples that any viewer opens."""

from __future__ import annotations

import io

import numpy as np

from napari_photon_denoise.calibration import Float32

DARKEST, BRIGHTEST = 1.0, 99.8  # percentiles of the denoised plane


def cover(noisy: Float32, clean: Float32) -> bytes:
    """Draw the noisy and the denoised plane side by side, on the same grey scale.

    Parameters
    ----------
    noisy, clean : (Y, X) float32, e-

    Returns
    -------
    bytes
        A PNG, twice as wide as high.
    """
    from matplotlib.image import imsave

    low, high = np.percentile(clean, (DARKEST, BRIGHTEST))
    file = io.BytesIO()
    both = np.concatenate([noisy, clean], axis=1)
    imsave(file, both, cmap="gray", vmin=low, vmax=max(high, low + 1e-6), format="png")
    return file.getvalue()


def sample(tensor: Float32) -> bytes:
    """Return a tensor ``(1, C, [Z,] Y, X)`` float32 as TIFF, without its axes of one."""
    import tifffile

    file = io.BytesIO()
    tifffile.imwrite(file, tensor.squeeze(), photometric="minisblack")
    return file.getvalue()


def npy(tensor: Float32) -> bytes:
    """Return a tensor as a file of numpy."""
    file = io.BytesIO()
    np.save(file, tensor, allow_pickle=False)
    return file.getvalue()


def middle_plane(tensor: Float32, channel: int) -> Float32:
    """Return the middle plane ``(Y, X)`` of a channel of ``(1, C, [Z,] Y, X)``."""
    image: Float32 = tensor[0, channel]
    plane: Float32 = image if image.ndim == 2 else image[len(image) // 2]
    return plane
