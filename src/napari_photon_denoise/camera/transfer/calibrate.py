"""The job: from dark and flat frames to a calibration with its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from napari_photon_denoise.camera.transfer.assemble import assemble
from napari_photon_denoise.camera.transfer.defects import find_dark_defects, find_dead, good_pixels
from napari_photon_denoise.camera.transfer.levels import (
    Dark,
    Flat,
    measure_dark,
    measure_flat,
    pool_darks,
)
from napari_photon_denoise.camera.transfer.report import CameraReport
from napari_photon_denoise.camera.transfer.settings import CalibrationSettings
from napari_photon_denoise.camera.transfer.stacks import (
    Stack,
    StackLike,
    is_list_of_stacks,
    missing_numbers,
    open_stack,
)
from napari_photon_denoise.camera.transfer.verdicts import judge
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job, Progress, T, relabelled

NOTHING_SAID = CalibrationSettings()


def calibrate_job(
    dark: StackLike,
    flats: StackLike,
    settings: CalibrationSettings = NOTHING_SAID,
) -> Job[CameraReport]:
    """Calibrate a camera by photon transfer.

    Every stack is read once, and memory does not grow with its length; each flat level
    keeps 10 bytes a pixel.

    Parameters
    ----------
    dark : stack, or sequence of stacks
        Frames without light, of the exposure and mode of the flats. A stack is an
        ``(N, Y, X)`` numpy, dask or zarr array of counts (ADU), an iterable of frames, a
        file, a folder, or a list of files. One for all flats, or one for each.
    flats : stack, or sequence of stacks
        Frames of steady light, one stack a brightness. The light need not be even.
    settings : CalibrationSettings
        What is known and asked for beside the frames.

    Returns
    -------
    CameraReport
        Through the generator's return value; its `calibration` is what converts counts.

    Raises
    ------
    PhotonDenoiseError
        If the frames can't be a camera's, or can't tell its gain.
    UnreadableFile
        If a file is missing or damaged.
    """
    dark_stacks, flat_stacks = _open(dark, flats, settings.exposures)
    total = sum(stack.length or 1 for stack in (*dark_stacks, *flat_stacks))
    done, darks, levels = 0, [], []
    for stack in dark_stacks:
        darks.append((yield from _within(measure_dark(stack, settings.drop_first), done, total)))
        done += stack.length or 1
    _check_shapes(darks)
    pooled = pool_darks(darks)
    mask = find_dark_defects(pooled)
    darks = darks if len(darks) > 1 else darks * len(flat_stacks)
    for stack, one in zip(flat_stacks, darks, strict=True):
        job = measure_flat(stack, one, good_pixels(mask), settings.drop_first)
        levels.append((yield from _within(job, done, total)))
        done += stack.length or 1
    yield Progress("Fitting the photon transfer curve", done, total)
    _check_brighter(levels, darks)
    mask |= find_dead(levels)
    report = assemble(darks, pooled, levels, mask, settings)
    stacks = (*dark_stacks, *flat_stacks)
    calibration = replace(
        report.calibration,
        camera=settings.camera,
        serial=settings.serial,
        mode=settings.mode,
        binning=settings.binning,
        roi=settings.roi,
    )
    report = replace(
        report,
        calibration=calibration,
        files={path: sha for stack in stacks for path, sha in stack.digests.items()},
        missing_files=tuple(
            f"{stack.name} {number}" for stack in stacks for number in missing_numbers(stack.files)
        ),
    )
    yield Progress("Done", total, total)
    return replace(report, verdicts=judge(report))


def _open(
    dark: StackLike, flats: StackLike, exposures: Sequence[float] | None
) -> tuple[list[Stack], list[Stack]]:
    several = is_list_of_stacks(flats) or _all_files(flats)
    flat_sources = list(flats) if several else [flats]
    flat_stacks = [open_stack(one, f"flat {i + 1}") for i, one in enumerate(flat_sources)]
    if is_list_of_stacks(dark) and len(dark) > 1:
        stacks = [open_stack(one, f"dark {i + 1}") for i, one in enumerate(dark)]
    else:
        one = dark[0] if is_list_of_stacks(dark) else dark
        stacks = [open_stack(one, "dark")]
    if len(stacks) not in (1, len(flat_stacks)):
        raise PhotonDenoiseError(
            f"There are {len(stacks)} darks for {len(flat_stacks)} flats: give one dark, or one "
            "for each flat."
        )
    if exposures is not None and len(exposures) != len(flat_stacks):
        raise PhotonDenoiseError(
            f"There are {len(exposures)} exposures for {len(flat_stacks)} flats: give one each."
        )
    return stacks, flat_stacks


def _all_files(flats: StackLike) -> bool:
    """Whether a list of files is one of levels: its files hold several frames each."""
    if not isinstance(flats, (list, tuple)) or not flats:
        return False
    if not all(isinstance(item, (str, Path)) for item in flats):
        return False
    return open_stack(flats[0], "flat 1").length != 1


def _within(job: Job[T], done: int, total: int) -> Job[T]:
    """Run a job as a part of a longer one."""
    return relabelled(job, lambda step: Progress(step.text, min(done + step.done, total), total))


def _check_shapes(darks: Sequence[Dark]) -> None:
    shapes = sorted({dark.offset.shape for dark in darks})
    if len(shapes) > 1:
        raise PhotonDenoiseError(
            f"The darks have frames of {shapes[0]} and {shapes[1]} pixels: take all with the same "
            "region and binning."
        )


def _check_brighter(flats: Sequence[Flat], darks: Sequence[Dark]) -> None:
    """Refuse darks and flats that were swapped."""
    pairs = list(zip(flats, darks, strict=True))
    flat, dark = max(pairs, key=lambda pair: pair[0].trace.mean - pair[1].trace.mean)
    if flat.trace.mean <= dark.trace.mean:
        raise PhotonDenoiseError(
            f"The darks ({dark.trace.mean:.4g} ADU) are brighter than the flats "
            f"({flat.trace.mean:.4g} ADU): swap them, or open the shutter for the flats."
        )
