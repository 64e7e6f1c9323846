"""What is done to each of several image files, and how far each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.image import shown_name
from napari_photon_denoise.io.ome_zarr.pyramid import pyramid_job
from napari_photon_denoise.io.paths import local_path
from napari_photon_denoise.io.whole import make_folder
from napari_photon_denoise.io.write import check_no_image, find_writer
from napari_photon_denoise.job import Progress
from napari_photon_denoise.named_camera import NamedCamera
from napari_photon_denoise.pipeline import Units
from napari_photon_denoise.shards.job import PyramidMaker, ShardsDone, Share
from napari_photon_denoise.shards.records import StoreOptions
from napari_photon_denoise.shards.task import ShardRunner, run_shards_here
from napari_photon_denoise.targets import model_files, refusals, result_paths

State = Literal["waiting", "running", "done", "skipped", "failed"]


@dataclass(frozen=True, eq=False)
class FileState:
    """One file, and how far it is.

    Parameters
    ----------
    source, target : Path
        The image, and the file for its denoised photons.
    state : {"waiting", "running", "done", "skipped", "failed"}
        Skipped is what was done before, by the same recipe.
    files : tuple of Path
        What was written, or is there: the target, then what the method gives beside.
    notes : tuple of str
        What the user should know, a sentence each.
    error : PhotonDenoiseError, optional
        Why it failed.
    parts : ShardsDone, optional
        Of what was written shard by shard: how many, and which others are to do.
    """

    source: Path
    target: Path
    state: State = "waiting"
    files: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    error: PhotonDenoiseError | None = None
    parts: ShardsDone | None = None

    @property
    def name(self) -> str:
        """What it is called in a sentence: the file's name, and that of a position in it."""
        return shown_name(self.source)


@dataclass(frozen=True)
class FilesProgress(Progress):
    """Where the work is, and how far each file is."""

    files: tuple[FileState, ...]


@dataclass(frozen=True, eq=False)
class FilesWork:
    """What is done to every file.

    Parameters
    ----------
    denoiser : method and its parameters
    output : Path
        A folder, which is made, or a file for a single image.
    label : str
        What the names of results in a folder end with, such as "gaussian".
    camera : NamedCamera
        Of the images; it may be one that is estimated from each.
    units : {"photons", "counts"}
    axes : str, optional
        Of the images, where they do not say.
    likely : str, optional
        Axes that are the better guess for a file that does not name its own.
    name_axes : str
        What a note on guessed axes advises, in the words of the face.
    device : {"auto", "cpu", "cuda", "mps"}
    tile : int, optional
        Edge of a tile, px; None chooses.
    overwrite : bool
        Replace files that are there.
    allow_results : bool
        Denoise results of this program, too.
    verbose : bool
        Note all that was found of a camera that was estimated.
    recipe : Path, optional
        The file that all this was read from.
    options : StoreOptions
        Of OME-Zarr: how it is cut.
    run_shards : ShardRunner
        Who does the shards of OME-Zarr.
    make_pyramid : PyramidMaker
        Who makes its smaller resolutions.
    share : Share, optional
        Of the shards, that is to be done; None does all.
    ending : str
        Of the names of results in a folder, by which their format is chosen; empty for the usual.
    """

    denoiser: AnyMethod
    output: Path
    label: str
    camera: NamedCamera
    units: Units = "photons"
    axes: str | None = None
    likely: str | None = None
    name_axes: str = "name them"
    device: str = "auto"
    tile: int | None = None
    overwrite: bool = False
    allow_results: bool = False
    verbose: bool = False
    recipe: Path | None = None
    options: StoreOptions = field(default_factory=StoreOptions)
    run_shards: ShardRunner = run_shards_here
    make_pyramid: PyramidMaker = pyramid_job
    share: Share | None = None
    ending: str = ""

    def planned(self, sources: Sequence[Path]) -> tuple[FileState, ...]:
        """Name the file for each image, and make the folder.

        Raises
        ------
        PhotonDenoiseError
            If several would be written into one file, or the folder can't be made. One that is
            named twice fails alone.
        """
        if find_writer(self.output) is not None:
            if len(sources) > 1:
                raise PhotonDenoiseError(
                    f"{len(sources)} images can't go into one file {self.output}: name a folder."
                )
            return tuple(FileState(source, local_path(self.output)) for source in sources)
        check_no_image(self.output)
        targets = result_paths(make_folder(self.output), sources, self.label, self.ending)
        files = [*map(FileState, sources, targets)]
        for at, error in refusals(sources, targets).items():
            files[at] = replace(files[at], state="failed", error=error)
        return tuple(files)

    def also_read(self, denoiser: AnyMethod) -> tuple[tuple[str, Path], ...]:
        """Return what is read besides the image, and what it is: a result must not replace it."""
        camera = self.camera.calibration
        files = [("calibration", camera.path)] if camera is not None and camera.path else []
        files += [("model", path) for path in model_files(denoiser)]
        return (*files, *((("recipe", self.recipe),) if self.recipe else ()))
