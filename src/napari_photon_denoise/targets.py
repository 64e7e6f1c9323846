"""Which file each result goes into, and what it may never replace."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import takewhile
from pathlib import Path

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.readers import bare_name
from napari_photon_denoise.io.write import find_writer, result_path
from napari_photon_denoise.parameter_kinds import ChoiceParameter
from napari_photon_denoise.parameters import Declared, declared_parameters


def result_paths(folder: Path, sources: Sequence[Path], label: str, ending: str = "") -> list[Path]:
    """Name a file for the result of each image: its own name and what was done, if that will do.

    Images of one name but another ending ("a.tif", "a.png") have the ending in it, and those of
    several folders their folder.

    Parameters
    ----------
    folder : Path
    sources : sequence of Path
        Different files.
    label : str
        What the names end with.
    ending : str
        Of a writer; empty for the usual one.
    """
    targets = [result_path(folder, source, label, ending) for source in sources]
    for same in _clashes(targets):
        parents = [source.absolute().parent for source in (sources[at] for at in same)]
        with_ending = len(set(parents)) < len(parents)
        shared = _shared(parents)
        for at, parent in zip(same, parents, strict=True):
            name = bare_name(sources[at])
            if with_ending:
                name += sources[at].name.removeprefix(name).lower().replace(".", "-")
            whole = "_".join((*parent.parts[shared:], name))
            # An ending more keeps the name from losing what looks like one.
            targets[at] = result_path(folder, Path(f"{whole}.tif"), label, ending)
    return targets


def _shared(folders: Sequence[Path]) -> int:
    """Return how many parts folders have in common."""
    together = zip(*(folder.parts for folder in folders), strict=False)
    return sum(1 for _ in takewhile(lambda parts: len(set(parts)) == 1, together))


def _clashes(targets: Sequence[Path]) -> list[list[int]]:
    """Return the places of targets that are one file, where case makes no difference, too."""
    places: dict[str, list[int]] = defaultdict(list)
    for at, target in enumerate(targets):
        places[str(target).casefold()].append(at)
    return [same for same in places.values() if len(same) > 1]


def refusals(sources: Sequence[Path], targets: Sequence[Path]) -> dict[int, PhotonDenoiseError]:
    """Return what can't have a file of its own, by its place: what is named twice, say."""
    refused: dict[int, PhotonDenoiseError] = {}
    for same in _clashes(targets):
        named = {os.path.abspath(sources[at]) for at in same}
        for at in same[1:]:
            refused[at] = PhotonDenoiseError(
                f"{sources[at].name} is named twice: name it once."
                if len(named) == 1
                else f"The result of {sources[at].name} would be written to {targets[at]}, like "
                f"that of {sources[same[0]].name}: give it an output of its own, or rename it."
            )
    return refused


def extra_paths(target: Path, names: Iterable[str]) -> list[Path]:
    """Name the files for what a method gives beside the image: "clean_standard-deviation"."""
    writer = find_writer(target)
    ending = "" if writer is None else writer.endings[0]
    return [result_path(target.parent, target, name.replace(" ", "-"), ending) for name in names]


def model_files(denoiser: Declared) -> tuple[Path, ...]:
    """Return the files that a method reads: a model of the user's."""
    values = (
        str(getattr(denoiser, part.name))
        for part in declared_parameters(type(denoiser))
        if isinstance(part, ChoiceParameter) and part.suffix
    )
    return tuple(Path(value) for value in values if Path(value).suffix)
