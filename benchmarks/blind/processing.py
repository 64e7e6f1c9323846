"""What other programs do to an image before a stranger gets it.

Each is made from the image that is saved, so that its repeats are treated alike: limits and
percentiles are those of one image.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import numpy as np
from benchmarks.blind.exposures import Image, digital
from PIL import Image as Picture
from scipy.ndimage import gaussian_filter, minimum_filter, zoom

from napari_photon_denoise.calibration import Float32

Process = Callable[[Image], Image]
Made = Callable[[Image], Process]


def gamma(exponent: float) -> Made:
    """Bend the grey values: between lowest and highest, to 16 bits."""

    def make(saved: Image) -> Process:
        scaled = _scaled(float(saved.min()), float(saved.max()))
        return lambda image: digital(65535 * scaled(image) ** np.float32(exponent))

    return make


def background_subtracted(image: Image) -> Image:
    """Subtract what lies behind; below zero there is nothing."""
    smooth = gaussian_filter(image.astype(np.float32), 2)
    behind = gaussian_filter(minimum_filter(smooth, 51), 25)
    return digital(image - behind)


def jpeg(quality: int) -> Made:
    """Save as 8 bits with loss."""

    def make(saved: Image) -> Process:
        eight = eight_bits(saved)

        def process(image: Image) -> Image:
            file = BytesIO()
            Picture.fromarray(eight(image)).save(file, "jpeg", quality=quality)
            return np.asarray(Picture.open(file))

        return process

    return make


def eight_bits(saved: Image) -> Process:
    """Spread lowest to highest over 0 to 255."""
    scaled = _scaled(float(saved.min()), float(saved.max()))
    return lambda image: np.rint(255 * scaled(image)).astype(np.uint8)


def stretched(saved: Image) -> Process:
    """Spread two percentiles over 16 bits, cutting off what lies outside."""
    low, high = np.percentile(saved, (0.35, 99.65))
    scaled = _scaled(float(low), float(high))
    return lambda image: digital(65535 * scaled(image))


def enlarged(image: Image) -> Image:
    """Twice as many pixels each way, interpolated linearly."""
    return digital(zoom(image.astype(np.float32), 2, order=1))


def binned_enlarged(image: Image) -> Image:
    """Two by two pixels added, and shown as large as before."""
    height, width = image.shape
    sums = image.reshape(height // 2, 2, width // 2, 2).sum(axis=(1, 3), dtype=np.float32)
    return digital(np.repeat(np.repeat(sums, 2, axis=0), 2, axis=1))


def always(process: Process) -> Made:
    """Treat every image alike, whatever was saved."""
    return lambda saved: process


def _scaled(low: float, high: float) -> Callable[[Image], Float32]:
    span = max(high - low, 1.0)
    return lambda image: np.clip((image.astype(np.float32) - low) / span, 0, 1)
