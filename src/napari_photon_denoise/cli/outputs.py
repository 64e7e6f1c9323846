"""What a command writes, checked against what it reads: the one never replaces the other."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path

from napari_photon_denoise.io.whole import check_not_input

Name = str | Path | None

# Options that name files to read, and what an error calls these.
READ = {
    "camera": "calibration",
    "model": "model",
    "init": "model",
    "recipe": "recipe",
    "raw": "input",
    "truth": "truth",
    "denoised": "input",
    "package": "package",
}


def check_outputs(
    chosen: argparse.Namespace,
    outputs: Iterable[Name],
    more: Mapping[str, Iterable[Name]] | None = None,
) -> None:
    """Refuse outputs that are read, even where files may be replaced.

    Parameters
    ----------
    chosen : argparse.Namespace
        Its options name files, see `READ`.
    outputs : iterable of path or None
    more : mapping of str to iterable of path
        What else is read, by what it is called.

    Raises
    ------
    PhotonDenoiseError
    """
    said = {name: getattr(chosen, name, None) for name in READ}
    read = [
        (READ[name], value)
        for name, values in said.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    read += [(what, value) for what, values in (more or {}).items() for value in values]
    for target in outputs:
        for what, value in read:
            if target is not None and value is not None:
                check_not_input(target, value, what=what)
