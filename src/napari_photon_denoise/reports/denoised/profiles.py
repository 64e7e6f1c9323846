"""A line through the brightest structure, and what every image shows along it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.plane import Line, Plane, Point
from napari_photon_denoise.metrics.profile import Profile, line_profile, profile_noise, sample_line
from napari_photon_denoise.reports.denoised.styles import styles
from napari_photon_denoise.reports.drawing import INK, dress, dress_legend, new_figure, to_svg

SMOOTH = 2.0  # px; a structure is wider than that
HALF = 40.0  # px, from the structure to either end of a line
LINE_WIDTH = 3  # px that are averaged across
SMALLEST = 5  # px, edge of an image that a line fits in


def find_line(plane: Plane) -> Line | None:
    """Choose a line through the brightest structure, across it; None in a tiny image.

    The direction is that in which the image bends most, the main axis of its Hessian matrix.

    Parameters
    ----------
    plane : Plane

    Returns
    -------
    ((y, x), (y, x)), px
    """
    from scipy.ndimage import gaussian_filter

    if min(plane.raw.shape) < SMALLEST:
        return None
    best = next(iter(plane.denoised.values()), plane.raw)
    image = best if plane.truth is None else plane.truth
    smooth = gaussian_filter(image.astype(np.float64), SMOOTH)
    rim = min(8, min(image.shape) // 4)  # a border is no structure
    inside = smooth[rim : -rim or None, rim : -rim or None]
    y, x = (int(at) + rim for at in np.unravel_index(np.argmax(inside), inside.shape))
    bend = [[_derivative(smooth, a, b)[y, x] for b in (0, 1)] for a in (0, 1)]
    across = np.linalg.eigh(np.array(bend))[1][:, 0]  # the most negative
    across = across if across[1] >= 0 else -across  # from left to right
    ends = [_clipped((y, x), sign * across, image.shape) for sign in (-1, 1)]
    return ends[0], ends[1]


def profiles_of(plane: Plane, line: Line) -> list[Profile]:
    """Read every image along a line: raw with its noise, the denoised ones, the truth.

    Parameters
    ----------
    plane : Plane
    line : ((y, x), (y, x)), px

    Raises
    ------
    PhotonDenoiseError
        If the line has no length, or lies outside the image.
    """
    size = plane.pixel_size or (1.0, 1.0)
    named = {"Raw": plane.raw, **plane.denoised}
    if plane.truth is not None:
        named["Truth"] = plane.truth
    unit = "px" if plane.pixel_size is None else "µm"
    found = [
        replace(line_profile(image, line, LINE_WIDTH, size, name), length_unit=unit)
        for name, image in named.items()
    ]
    sampling = sample_line(line, (plane.raw.shape[0], plane.raw.shape[1]), LINE_WIDTH, size)
    if not sampling.inside.any():
        raise PhotonDenoiseError(
            "The line of the profile lies outside the image: give rows and columns of its pixels."
        )
    noise = plane.read_noise
    if isinstance(noise, np.ndarray) and noise.ndim:
        noise = np.sqrt(sampling.average(np.square(noise)[sampling.rows, sampling.columns]))
    sd = profile_noise(found[0].values, noise, found[0].pixels)
    return [replace(found[0], sd=sd), *found[1:]]


def draw_profiles(plane: Plane, line: Line) -> str:
    """Draw all images along a line, the raw one with a band of its noise: SVG."""
    raw, *rest = profiles_of(plane, line)
    figure = new_figure(3.6)
    axis = figure.subplots()
    assert raw.sd is not None  # profiles_of gives it
    low, high = raw.values - raw.sd, raw.values + raw.sd
    axis.fill_between(raw.distance, low, high, color=INK, alpha=0.14, linewidth=0)
    label = "Raw ± its noise (1 SD)"
    axis.plot(raw.distance, raw.values, color=INK, alpha=0.45, linewidth=0.9, label=label)
    drawn = styles(plane)
    for profile in rest:
        colour, dashes = drawn[profile.name]
        axis.plot(
            profile.distance, profile.values, color=colour, linestyle=dashes, linewidth=1.6,
            label=profile.name,
        )  # fmt: skip
    axis.margins(x=0.01)
    dress(axis, "", f"distance ({raw.length_unit})", plane.quantity)
    dress_legend(axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.02)))
    return to_svg(figure, "profile", "Photons along a line, of every image")


def _derivative(image: np.ndarray, first: int, second: int) -> np.ndarray:
    return np.asarray(np.gradient(np.gradient(image, axis=first), axis=second))


def _clipped(centre: tuple[int, int], way: np.ndarray, shape: tuple[int, ...]) -> Point:
    """Go along a direction, no further than to the border."""
    reach = HALF
    for at, step, size in zip(centre, way, shape, strict=True):
        if abs(step) > 1e-9:
            reach = min(reach, ((size - 1 - at) if step > 0 else at) / abs(step))
    return centre[0] + reach * float(way[0]), centre[1] + reach * float(way[1])
