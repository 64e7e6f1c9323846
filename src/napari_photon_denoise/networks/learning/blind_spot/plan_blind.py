"""From noisy images to a network that denoises them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import lcm

import torch

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job
from napari_photon_denoise.networks.architecture import Architecture, Network
from napari_photon_denoise.networks.learning.blind_spot.extents import find_extent, has_direction
from napari_photon_denoise.networks.learning.blind_spot.lesson import (
    BlindLesson,
    Masked,
    Positivity,
    hide,
)
from napari_photon_denoise.networks.learning.blind_spot.masks import BlindSpot
from napari_photon_denoise.networks.learning.blind_spot.patches import (
    NoisyPatches,
    check_size,
    read_small_job,
)
from napari_photon_denoise.networks.learning.blind_spot.psf import gaussian_psf, is_round, read_psf
from napari_photon_denoise.networks.learning.blind_spot.settings import BlindSettings
from napari_photon_denoise.networks.learning.cluster_centres import BATCHES, find_centres
from napari_photon_denoise.networks.learning.lesson import held_out_rngs
from napari_photon_denoise.networks.learning.plan import Plan
from napari_photon_denoise.networks.learning.training import Training
from napari_photon_denoise.networks.photon_network import FAR_POOL
from napari_photon_denoise.photons import Photons

STEPS = 50  # an epoch
WIDTHS = {2: (32, 64, 128), 3: (16, 32, 64)}
LAYERS, CHANNELS = 17, 64  # of DnCNN
DEPTH = 16  # planes of a 3-D patch, at most
# The last layer begins with zeros: until it has grown, nothing else can learn.
OUTER, WARM_UP = 3.0, 8
HELD_OUT_BATCHES = 4


def plan_blind_job(images: Sequence[Photons], settings: BlindSettings) -> Job[Plan]:
    """Read what fits into memory, and plan the training.

    Parameters
    ----------
    images : sequence of Photons
        Noisy; of the same kind of axes.
    settings : BlindSettings

    Returns
    -------
    Plan
        Through the generator's return value.

    Raises
    ------
    PhotonDenoiseError
        If the images are too small, have no planes where some are wanted, or hold NaN; if the
        point spread function can't be used; if they are constant and clusters are wanted.
    """
    deep = settings.dimensions == 3 or settings.planes > 1
    check_size(images, settings.depth_axis, 2 if deep else 1)
    psf = find_psf(settings, images[0].pixel_size)
    held = yield from read_small_job(images)
    architecture = make_architecture(settings)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        network = architecture.build()
    if psf is not None:
        network.get_buffer("psf").copy_(torch.from_numpy(psf))
    blind_spot = make_blind_spot(settings, images[0])
    turned = not has_direction(blind_spot.extent) and (psf is None or is_round(psf))
    patches = make_patches(held, settings, network, turned=turned)
    seen = (patches(rng) for rng in held_out_rngs(BATCHES))
    find_centres(network, ((one.photons, one.read_noise) for one in seen), settings.seed)
    if psf is not None and max(psf.shape[-2:]) > patches.patch:
        raise PhotonDenoiseError(
            f"The PSF is {max(psf.shape[-2:])} px wide and a patch {patches.patch} px: take larger "
            "patches, or crop the PSF."
        )
    held_out = make_held_out(patches, blind_spot, HELD_OUT_BATCHES)
    penalty = None if psf is None else _positivity(settings, held_out)
    lesson = BlindLesson(patches, blind_spot, settings.loss, held_out, penalty)
    return Plan(
        architecture,
        network,
        lesson,
        Training(
            steps=settings.epochs * STEPS,
            learning_rate=settings.learning_rate,
            outer=OUTER,
            warm_up=WARM_UP,
            decay=0.2,
            seed=settings.seed,
            validate_every=STEPS,
            patience=settings.patience,
        ),
        {
            "method": "blind spot",
            "settings": settings.model_dump(),
            "camera": images[0].calibration.describe(),
            "camera_sha256": images[0].calibration.digest,
            "pixel_size": dict(images[0].pixel_size),
        },
        seen=tuple(batch.target for batch in held_out),
    )


def make_architecture(settings: BlindSettings) -> Architecture:
    """Return the network that the settings describe.

    Raises
    ------
    PhotonDenoiseError
        If the point spread function can't be used.
    """
    psf = find_psf(settings, {})
    return Architecture(
        body=settings.body,
        form="blind",
        dimensions=3 if settings.dimensions == 3 else 2,
        planes=settings.planes,
        widths=WIDTHS[settings.dimensions],
        samples=settings.samples,
        psf=None if psf is None else psf.shape,
        layers=LAYERS,
        channels=CHANNELS,
        clusters=settings.clusters,
    )


def make_blind_spot(settings: BlindSettings, image: Photons) -> BlindSpot:
    """Return the blind spot for an image."""
    extent = find_extent(settings.extent, image.calibration)
    far = [max((abs(step[axis]) for step in extent), default=0) for axis in range(3)]
    # One pixel in 16 or 18 is hidden; fewer where more is hidden with it.
    if settings.dimensions == 3:
        spacing = (2 + 2 * far[0], 3 + 2 * far[1], 3 + 2 * far[2])
        reach = (1 + far[0], 2 + far[1], 2 + far[2])
    else:
        spacing, reach = (1, 4 + 2 * far[1], 4 + 2 * far[2]), (0, 2 + far[1], 2 + far[2])
    return BlindSpot(spacing, reach, extent, settings.replacement)


def find_psf(settings: BlindSettings, pixel_size: Mapping[str, float]) -> Float32 | None:
    """Return the point spread function that is asked for, if there is one.

    Parameters
    ----------
    settings : BlindSettings
    pixel_size : mapping
        µm of the image, where known.

    Raises
    ------
    PhotonDenoiseError
        If it can't be used.
    """
    if not (settings.psf_file or settings.psf_sigma or settings.psf_sigma_z):
        return None
    if settings.samples > 1:
        raise PhotonDenoiseError(
            "A PSF and a standard deviation don't go together: leave one of them out."
        )
    if settings.psf_file:
        return read_psf(settings.psf_file, settings.dimensions, pixel_size)
    plane = (settings.psf_sigma, settings.psf_sigma)
    if settings.dimensions == 3:
        return gaussian_psf((settings.psf_sigma_z, *plane))
    if settings.psf_sigma_z:
        raise PhotonDenoiseError(
            "A PSF that reaches across planes needs a network in 3-D: set its sigma along z to 0."
        )
    return gaussian_psf(plane)


def make_patches(
    images: Sequence[Photons], settings: BlindSettings, network: Network, *, turned: bool
) -> NoisyPatches:
    """Return what cuts patches that a network can learn from.

    Parameters
    ----------
    images : sequence of Photons
    settings : BlindSettings
        Of which the patches' size and number and the axis count.
    network : Network
    turned : bool
        Whether noise and network allow that patches are turned by 90°.
    """
    multiple = lcm(network.body.multiple, FAR_POOL)
    thinnest = min(min(image.sizes["Y"], image.sizes["X"]) for image in images)
    depth = 0
    if network.body.dimensions == 3:
        depth = min(DEPTH, *(image.sizes.get(settings.depth_axis, 1) for image in images))
    square = all(
        image.pixel_size.get("Y", 1.0) == image.pixel_size.get("X", 1.0) for image in images
    )
    return NoisyPatches(
        images,
        settings.depth_axis,
        settings.batch if not depth else max(1, settings.batch // 4),
        min(settings.patch, thinnest) // multiple * multiple,
        network.planes,
        depth,
        turned=square and turned,
    )


def make_held_out(patches: NoisyPatches, blind_spot: BlindSpot, batches: int) -> tuple[Masked, ...]:
    """Cut fixed patches with fixed masks, of pixels that are never trained on."""
    return tuple(
        hide(patches(rng), blind_spot, rng, held_out=True) for rng in held_out_rngs(batches)
    )


def _positivity(settings: BlindSettings, held_out: Sequence[Masked]) -> Positivity | None:
    """Penalty in units of the images' standard deviation, as the held-out patches show it."""
    if not settings.positivity:
        return None
    unit = float(torch.cat([one.target.flatten() for one in held_out]).std())
    return Positivity(settings.positivity, settings.background, unit)
