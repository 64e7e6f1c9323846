"""Recipe: everything that determines a result, as JSON. Same recipe, same result."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from napari_photon_denoise.calibration import LENGTHS, QUANTITIES, Calibration, Source
from napari_photon_denoise.denoisers import AnyMethod, Choice
from napari_photon_denoise.denoisers.networked import Networked
from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile, one_sentence
from napari_photon_denoise.io import read
from napari_photon_denoise.io.paths import local_path
from napari_photon_denoise.io.readers import find_reader
from napari_photon_denoise.io.text import from_json
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import Units

RECIPE_VERSION = 1


def _version() -> str:
    from importlib.metadata import version

    return version("napari-photon-denoise")


_Number = Annotated[float, Field(strict=True)]  # no text that looks like one
_Side = Annotated[int, Field(strict=True, ge=0)]


class _Facts(BaseModel):
    """The types of what `Calibration.facts` gives: JSON may hold anything under a right name."""

    model_config = ConfigDict(extra="forbid")
    gain: _Number | Literal["map"]
    offset: _Number | Literal["map"]
    read_noise: _Number | Literal["map"] = 0.0
    gain_sd: _Number | None = None
    offset_sd: _Number | None = None
    read_noise_sd: _Number | None = None
    source: Source = "typed in"
    camera: str = ""
    serial: str = ""
    mode: str = ""
    binning: Annotated[int, Field(strict=True, ge=1)] = 1
    roi: tuple[_Side, _Side, _Side, _Side] | None = None
    saturation: _Number | None = None
    length_y: _Number = 0.0
    length_x: _Number = 0.0
    relative: Annotated[bool, Field(strict=True)] = False
    mends_hot: Annotated[bool, Field(strict=True)] = False


class CalibrationRecord(BaseModel):
    """A calibration in a recipe: its numbers, or its file and what must be in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    facts: dict[str, Any]
    sha256: str
    file: str | None = None

    @classmethod
    def of(cls, calibration: Calibration) -> CalibrationRecord:
        """Record a calibration."""
        file = str(calibration.path) if calibration.path else None
        return cls(facts=calibration.facts(), sha256=calibration.digest, file=file)

    def restore(self) -> Calibration:
        """Make the calibration again.

        Raises
        ------
        PhotonDenoiseError
            If its maps were never saved, or the file is gone or holds another calibration now.
        """
        try:
            _Facts.model_validate(self.facts)
        except ValidationError as error:
            raise PhotonDenoiseError(one_sentence(error, "The recipe's calibration")) from None
        maps = [name for name in QUANTITIES if self.facts.get(name) == "map"]
        if maps and self.file is None:
            raise PhotonDenoiseError(
                f"The recipe's calibration has maps ({', '.join(maps)}) that were not saved to a "
                "file: name the calibration."
            )
        roi = tuple(self.facts["roi"]) if self.facts.get("roi") else None
        if maps:
            from napari_photon_denoise.camera.formats import import_calibration

            if not Path(str(self.file)).exists():
                raise UnreadableFile(
                    f"The recipe's calibration {self.file} is not there: run where the recipe was "
                    "made, or name the calibration."
                )
            calibration = import_calibration(str(self.file)).calibration
            if roi and calibration.roi != roi and calibration.map_shape != roi[2:]:
                # The image was a region of the maps.
                corner = calibration.roi or (0, 0)
                calibration = calibration.crop(roi[0] - corner[0], roi[1] - corner[1], *roi[2:])
            # The user may have said how far neighbours share noise, or that pixels are hot.
            calibration = replace(
                calibration,
                mends_hot=self.facts.get("mends_hot", False),
                **{name: self.facts.get(name, 0.0) for name in LENGTHS},
            )
            if calibration.digest != self.sha256:
                raise PhotonDenoiseError(
                    f"{self.file} is another calibration than the recipe's: name the right one."
                )
            return calibration
        return Calibration(**(self.facts | {"roi": roi}))


class Recipe(BaseModel):
    """What was done, so that it can be done again.

    Parameters
    ----------
    calibration : CalibrationRecord
    denoiser : method and its parameters
    units : {"photons", "counts"}
    axes : str
        Of the image.
    tile : int, optional
        Edge of a tile, px; None for the default of `version`.
    input, output : str, optional
        Files, where there were any.
    version : str
        Of napari-photon-denoise.
    recipe_version : int
        Of this format.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    recipe_version: int = RECIPE_VERSION
    version: str = Field(default_factory=_version)
    calibration: CalibrationRecord
    denoiser: Choice
    units: Units = "photons"
    axes: str | None = None
    tile: int | None = None
    input: str | None = None
    output: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON and layer metadata."""
        return self.model_dump(mode="json")

    def is_like(self, other: Recipe) -> bool:
        """Whether it asks for the same; a precision that is still to be decided fits any."""
        if self == other:
            return True
        blank = [_undecided(one) for one in (self, other)]
        return any(one in blank for one in (self, other)) and blank[0] == blank[1]

    def alone(self) -> Recipe:
        """Return the recipe without the names of its files."""
        return self.model_copy(update={"input": None, "output": None})

    def as_json(self) -> str:
        """Readable JSON."""
        return json.dumps(self.as_dict(), indent=2)


def _undecided(recipe: Recipe) -> Recipe:
    """Return a recipe without the precision that a processor decided."""
    if not isinstance(recipe.denoiser, Networked):
        return recipe
    denoiser = recipe.denoiser.model_copy(update={"precision": ""})
    return recipe.model_copy(update={"denoiser": denoiser})


def make_recipe(
    method: object, photons: Photons, image: str = "", device: str | None = None
) -> Recipe | None:
    """Return what repeats a method on a whole image; None for a method that no recipe knows.

    Parameters
    ----------
    method : method and its parameters, or anything else that denoises
    photons : Photons
        The raw image and its camera.
    image : str
        Its file, where there is one.
    device : {"auto", "cpu", "cuda", "mps"}, optional
        Where it was done; None if nobody knows.
    """
    if not isinstance(method, AnyMethod):
        return None
    try:
        # What it leaves to the image is decided by the image.
        decided: Any = method.resolved(photons)
        decided = decided if device is None else decided.on(device)
    except PhotonDenoiseError:  # such as a model that is not there; who runs it says so
        decided = method
    try:
        return Recipe(
            calibration=CalibrationRecord.of(photons.calibration),
            denoiser=decided,
            axes=photons.axes,
            input=image or None,
        )
    except ValidationError:  # a method of someone's own, made from one of ours
        return None


def load_recipe(path: str | Path) -> Recipe:
    """Read a recipe from its JSON file, or from an image that was made by one.

    Raises
    ------
    UnreadableFile
        If the file is missing, no recipe, or of a newer version.
    """
    path = local_path(path)
    if find_reader(path) is not None:
        with read(path) as image:
            content: Any = image.recipe
        if content is None:
            raise UnreadableFile(f"{path} holds no recipe: choose a result of this program.")
        return parse_recipe(content, str(path))
    try:
        content = from_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableFile(f"{path} can't be read ({error.strerror}): check its name.") from None
    except ValueError:
        raise UnreadableFile(
            f"{path} is no recipe: it is not JSON; save the recipe again."
        ) from None
    return parse_recipe(content, str(path))


def parse_recipe(content: Any, name: str) -> Recipe:
    """Check and build a recipe from plain values.

    Raises
    ------
    UnreadableFile
        If the content is no recipe, or of a newer version.
    """
    if not isinstance(content, dict) or "recipe_version" not in content:
        raise UnreadableFile(f"{name} is no recipe of napari-photon-denoise.")
    number = content["recipe_version"]
    if not isinstance(number, int) or number > RECIPE_VERSION:
        raise UnreadableFile(
            f"{name} was saved by a newer version of napari-photon-denoise "
            f"({content.get('version', 'unknown')}): update the program."
        )
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        raise UnreadableFile(one_sentence(error, name)) from None
