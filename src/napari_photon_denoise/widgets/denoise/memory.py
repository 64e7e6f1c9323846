"""What the form looked like when it was last run, kept between sessions; without Qt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from napari_photon_denoise.denoisers import AnyMethod, make_denoiser
from napari_photon_denoise.errors import PhotonDenoiseError, one_sentence
from napari_photon_denoise.parameter_kinds import ChoiceParameter
from napari_photon_denoise.parameters import declared_parameters
from napari_photon_denoise.pipeline import Units
from napari_photon_denoise.widgets.parts.camera_memory import (
    KeptCamera,
    recall_camera,
)
from napari_photon_denoise.widgets.parts.user_file import read_user_file, write_user_file

if TYPE_CHECKING:
    from napari_photon_denoise.widgets.denoise.view import View

FILE = "last-run.json"


class LastRun(BaseModel):
    """The form of the last run.

    Parameters
    ----------
    version : int
        Of this format.
    camera : KeptCamera, optional
        None if it belonged to the image.
    method : str
        Its key.
    parameters : mapping of str to mapping
        Of each method that was ever run, by its key.
    units : {"photons", "counts"}
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: Literal[1] = 1
    camera: KeptCamera | None = None
    method: str
    parameters: dict[str, dict[str, Any]] = Field(default_factory=dict)
    units: Units = "photons"

    def denoisers(self) -> list[AnyMethod]:
        """Return the methods with their parameters, that of the last run last.

        Raises
        ------
        PhotonDenoiseError
            If this version knows one of them no more.
        """
        keys = [*sorted(self.parameters.keys() - {self.method}), self.method]
        return [_without_lost_files(make_denoiser(key, self.parameters.get(key))) for key in keys]


def read_last_run() -> LastRun | None:
    """Return the form of the last run; None if there was none.

    Raises
    ------
    PhotonDenoiseError
        If what was kept can't be read.
    """
    content = read_user_file(FILE)
    try:
        return None if content is None else LastRun.model_validate(content)
    except ValidationError as error:
        raise PhotonDenoiseError(one_sentence(error, FILE)) from None


def keep_last_run(camera: KeptCamera | None, denoiser: AnyMethod, units: Units) -> None:
    """Keep the form of a run, and the parameters of methods that were run before.

    Parameters
    ----------
    camera : KeptCamera, optional
        As `keep_camera` returns it.
    denoiser : method and its parameters
        As the user set it, not as the image decided.
    units : {"photons", "counts"}

    Raises
    ------
    PhotonDenoiseError
        If the file can't be written.
    """
    try:
        before = read_last_run()
    except PhotonDenoiseError:  # was said when the form was opened; it is replaced now
        before = None
    names = [parameter.name for parameter in declared_parameters(type(denoiser))]
    parameters = dict(before.parameters) if before is not None else {}
    parameters[denoiser.method] = denoiser.model_dump(mode="json", include=set(names))
    kept = LastRun(
        camera=camera,
        method=denoiser.method,
        parameters=parameters,
        units=units,
    )
    write_user_file(FILE, kept.model_dump(mode="json"))


def recall_last_run(view: View) -> str:
    """Set the form to what it was when it was last run.

    Returns
    -------
    str
        What could not be recalled, one sentence; empty if all is well.
    """
    try:
        last = read_last_run()
        if last is None:
            return ""
        for denoiser in last.denoisers():
            view.method.setValue(denoiser)
        view.result.set_units(last.units)
        if last.camera is not None:
            recall_camera(view.camera, last.camera)
    except PhotonDenoiseError as error:
        return f"What the last run left could not all be taken over; the rest is as new. {error}"
    return ""


def _without_lost_files(denoiser: AnyMethod) -> AnyMethod:
    """Return a method with the defaults in place of files that are there no more."""
    lost = {
        part.name: part.default
        for part in declared_parameters(type(denoiser))
        if isinstance(part, ChoiceParameter) and _is_lost(part, getattr(denoiser, part.name))
    }
    return denoiser.model_copy(update=lost)


def _is_lost(part: ChoiceParameter, value: str | None) -> bool:
    file = bool(part.suffix) and value is not None and value not in part.options
    return file and not Path(str(value)).is_file()
