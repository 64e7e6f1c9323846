"""What was decided when a result was begun, for who goes on with it.

Some of it is decided by the image or by the processor: the camera where none is named, and the
precision of a network. On another computer it might come out otherwise in the last digit.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.named_camera import NamedCamera
from napari_photon_denoise.recipe import Recipe
from napari_photon_denoise.shards.records import InputFacts, Records


def estimate_before(store: Path, facts: InputFacts | None) -> Calibration | None:
    """Return the camera that was estimated from the image when its denoising began, if it was.

    Parameters
    ----------
    store : Path
        The result.
    facts : InputFacts, optional
        Of the image now; None of one that nobody can know again.
    """
    begun = Records(store).begun()
    if facts is None or begun is None or begun.input != facts:
        return None
    camera = begun.recipe.calibration
    return camera.restore() if camera.facts.get("source") == "estimated" else None


def camera_before(camera: NamedCamera, store: Path, facts: InputFacts) -> NamedCamera:
    """Return the estimate of before in place of one that is still to be made."""
    before = estimate_before(store, facts) if camera.calibration is None else None
    return camera if before is None else replace(camera, calibration=before)


def method_before(recipe: Recipe, store: Path) -> Recipe:
    """Return a recipe with the precision that was decided when the same was begun, if it was."""
    begun = Records(store).begun()
    if begun is None or not begun.recipe.alone().is_like(recipe.alone()):
        return recipe
    return recipe.model_copy(update={"denoiser": begun.recipe.denoiser})
