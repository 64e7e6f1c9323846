"""bioimageio.core's own test of a package: it runs the network and compares the result."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from napari_photon_denoise.errors import PhotonDenoiseError

EXTRA = "napari-photon-denoise[bioimage]"


def check_verifier() -> None:
    """Refuse to verify where bioimageio.core is not installed.

    Raises
    ------
    PhotonDenoiseError
        If it is not.
    """
    if find_spec("bioimageio") is None or find_spec("bioimageio.core") is None:
        raise PhotonDenoiseError(
            f"bioimageio.core, which tests packages, is not installed: pip install '{EXTRA}', or "
            "export without testing."
        )


def verify_package(path: Path) -> tuple[str, ...]:
    """Test a package as the BioImage Model Zoo does, on the CPU.

    Parameters
    ----------
    path : Path
        The .zip.

    Returns
    -------
    tuple of str
        What was tested; all of it passed.

    Raises
    ------
    PhotonDenoiseError
        If bioimageio.core is not installed, or something failed.
    """
    check_verifier()
    from bioimageio.core import test_model

    summary = test_model(path, devices=["cpu"])
    failed = [part for part in summary.details if part.status != "passed"]
    if failed or summary.status != "passed":
        why = failed[0].errors[0].msg if failed and failed[0].errors else summary.status
        raise PhotonDenoiseError(
            "The package fails the test of bioimageio.core, and was not written "
            f"({' '.join(str(why).split())[:160]}): check its licence, authors and citations, or "
            "export without testing."
        )
    return tuple(part.name for part in summary.details)
