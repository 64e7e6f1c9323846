"""Ω: how large the input is beside the microscope's point-spread function.

Denoising by structure needs structure that spans more than one pixel. The smaller Ω of a
voxel is, the more neighbours see the same light, and the more a network can do.
"""

from __future__ import annotations

from math import log, pi, prod, sqrt

from napari_photon_denoise.errors import PhotonDenoiseError

LATERAL_SIGMA = 0.225  # λ / NA
AXIAL_SIGMA = 0.78  # n λ / NA²
FWHM_OF_SIGMA = 2 * sqrt(2 * log(2))


def psf_volume(wavelength_um: float, na: float, refractive_index: float) -> float:
    """Volume of a widefield microscope's point-spread function.

    The ellipsoid whose axes are the full widths at half maximum,
    ``π/6 · FWHM_x FWHM_y FWHM_z``, of a Gaussian with ``σ_xy = 0.225 λ / NA`` and
    ``σ_z = 0.78 n λ / NA²``: the paraxial approximation of Zhang et al. 2007,
    doi:10.1364/AO.46.001819, which is too long in z at high NA.

    Parameters
    ----------
    wavelength_um : float, µm
        Of the emitted light, in vacuum.
    na : float
        Numerical aperture.
    refractive_index : float
        Of the immersion medium.

    Returns
    -------
    float, µm³

    Raises
    ------
    PhotonDenoiseError
        If a number is not above 0, or NA exceeds the refractive index.
    """
    for name, value in (
        ("wavelength", wavelength_um),
        ("numerical aperture", na),
        ("refractive index", refractive_index),
    ):
        _check_positive(name, value)
    if na > refractive_index:
        raise PhotonDenoiseError(
            f"The numerical aperture {na:g} exceeds the refractive index "
            f"{refractive_index:g} of its medium: no lens does."
        )
    lateral = FWHM_OF_SIGMA * LATERAL_SIGMA * wavelength_um / na
    axial = FWHM_OF_SIGMA * AXIAL_SIGMA * refractive_index * wavelength_um / na**2
    return pi / 6 * lateral**2 * axial


def omega(
    pixel_size: tuple[float, float, float],
    wavelength_um: float,
    na: float,
    refractive_index: float,
    shape: tuple[int, int, int] = (1, 1, 1),
) -> float:
    """Ω = V_input / V_psf, the input's volume over that of the point-spread function.

    Xypakis et al. 2023 (doi:10.1364/OE.504606) compare data sets by Ω without saying whose
    volume the input's is. Here it is one voxel's, ``z · y · x`` of the pixel size, over
    `psf_volume`; halving the voxel along each axis divides Ω by 8. With `shape` it is that
    of a whole field or of a network's patch: state which one you report.

    Parameters
    ----------
    pixel_size : (z, y, x) floats, µm
        For a single plane, z is the step between planes, or the depth it stands for.
    wavelength_um : float, µm
    na, refractive_index : float
    shape : (Z, Y, X) ints
        Voxels of the input.

    Returns
    -------
    float

    Raises
    ------
    PhotonDenoiseError
        If there are not three sizes, a number is not above 0, or NA exceeds the
        refractive index.
    """
    if len(pixel_size) != 3 or len(shape) != 3:
        raise PhotonDenoiseError("Ω compares volumes: give three pixel sizes, z, y and x, in µm.")
    for size, count in zip(pixel_size, shape, strict=True):
        _check_positive("pixel size", size)
        _check_positive("number of voxels", count)
    volume = prod(pixel_size) * prod(shape)
    return volume / psf_volume(wavelength_um, na, refractive_index)


def _check_positive(name: str, value: float) -> None:
    if not 0 < value < float("inf"):
        raise PhotonDenoiseError(f"The {name} must be above 0, not {value:g}.")
