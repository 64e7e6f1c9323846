"""What holds for the package as a whole."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run_python(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.parametrize(
    "module",
    ["napari_photon_denoise", "napari_photon_denoise.cli", "napari_photon_denoise.virtual.samples"],
)
def test_importing_is_cheap(module):
    heavy = {"torch", "qtpy", "napari", "magicgui", "numba", "scipy", "skimage", "sklearn"}
    heavy |= {"dask", "zarr"}
    code = f"import sys, {module}; print(sorted({heavy} & set(sys.modules)))"
    assert run_python(code).strip() == "[]"


def test_denoising_needs_no_torch():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import numpy as np, napari_photon_denoise as npd\n"
        "from napari_photon_denoise.denoisers import METHODS\n"
        "from napari_photon_denoise.denoisers.learning import Learning\n"
        "image = np.arange(600, dtype=np.uint16).reshape(20, 30)\n"
        "for method, kind in METHODS.items():\n"
        "    if method == 'resunet' or issubclass(kind, Learning):\n"
        "        continue\n"
        "    npd.denoise(image, npd.Calibration(1, 0), method, device='cpu')\n"
        "print('done')"
    )
    assert run_python(code).strip() == "done"


@pytest.mark.parametrize("method", ["resunet", "n2v"])
def test_networks_without_torch_are_one_sentence(method):
    code = (
        "import sys; sys.modules['torch'] = sys.modules['safetensors'] = None\n"
        "import numpy as np, napari_photon_denoise as npd\n"
        "try:\n"
        f"    npd.denoise(np.ones((9, 9)), npd.Calibration(1, 0), {method!r})\n"
        "except npd.PhotonDenoiseError as error:\n"
        "    print(error)"
    )
    text = run_python(code)
    assert "install torch" in text
    assert "such as non-local means" in text
    assert text.count("\n") == 1


def test_the_manifest_at_the_top_is_the_packages():
    inside = ROOT / "src" / "napari_photon_denoise" / "napari.yaml"
    top = ROOT / "napari.yaml"
    if not top.exists():
        pytest.skip("a source distribution has the package's own alone")
    assert top.read_bytes() == inside.read_bytes()


def test_the_manifest_is_valid():
    npe2 = pytest.importorskip("npe2")
    manifest = npe2.PluginManifest.from_file(ROOT / "src" / "napari_photon_denoise" / "napari.yaml")
    manifest.validate_imports()


def test_public_names_are_there():
    import napari_photon_denoise as npd

    for name in npd.__all__:
        assert getattr(npd, name).__doc__


def test_readme_names_both_commands():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make demo" in text
    assert "make test" in text
