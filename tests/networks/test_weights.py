import os
import stat
import subprocess
import sys

import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError
from napari_photon_denoise.models import describe, digest
from napari_photon_denoise.networks.architecture import BODIES, Architecture
from napari_photon_denoise.networks.weights import load_model, save_model

FACTS = {"noise": {"photons": [0.05, 2000]}, "steps": 7}


def saved(path, **shape):
    architecture = Architecture(**{"widths": (8, 16), "bottom": 1} | shape)
    network = architecture.build()
    return save_model(path, network, architecture, FACTS), network, architecture


@pytest.mark.parametrize("body", BODIES)
def test_a_model_comes_back_as_it_was(tmp_path, body):
    path, network, architecture = saved(tmp_path / "mine.safetensors", body=body)
    model = load_model(path)
    assert model.name == "mine"
    assert model.architecture == architecture
    assert model.facts == FACTS
    assert not model.network.training
    there, here = model.network.state_dict(), network.state_dict()
    assert there.keys() == here.keys()
    assert all(torch.equal(there[name], here[name]) for name in here)


def test_a_model_is_described_without_torch(tmp_path):
    path, _, architecture = saved(tmp_path / "mine.safetensors", planes=3)
    code = (
        "import sys; sys.modules['torch'] = sys.modules['safetensors'] = None\n"
        "from pathlib import Path\n"
        "from napari_photon_denoise.models import describe\n"
        f"print(describe(Path({str(path)!r})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(describe(path))
    assert describe(path)["facts"] == load_model(path).facts
    assert describe(path)["architecture"] == architecture.model_dump(mode="json")
    assert describe(path)["halo"][0] == 1


@pytest.mark.parametrize("length", [0, 4, 8, 100, -8])
def test_a_cut_file_is_refused(tmp_path, length):
    path, _, _ = saved(tmp_path / "mine.safetensors")
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(PhotonDenoiseError, match=r"is no model of this program|are damaged"):
        load_model(path)


def test_another_programs_weights_are_refused(tmp_path):
    from safetensors.torch import save_file

    path = tmp_path / "other.safetensors"
    save_file({"conv.weight": torch.zeros(3, 3)}, path, {"format": "pt"})
    with pytest.raises(PhotonDenoiseError, match="is no model of this program"):
        load_model(path)


def test_what_is_there_is_kept_unless_asked(tmp_path):
    path, network, architecture = saved(tmp_path / "mine.safetensors")
    before = digest(path)
    with pytest.raises(OutputExists):
        save_model(path, network, architecture, {})
    assert digest(path) == before
    save_model(path, network, architecture, {}, overwrite=True)
    assert digest(path) != before
    with pytest.raises(PhotonDenoiseError, match=r"name it mine\.safetensors"):
        save_model(tmp_path / "mine.pt", network, architecture, {})
    assert [file.name for file in tmp_path.iterdir()] == ["mine.safetensors"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps permissions otherwise")
def test_others_may_read_it_as_any_file(tmp_path):
    path, _, _ = saved(tmp_path / "mine.safetensors")
    (tmp_path / "plain").touch()
    assert stat.S_IMODE(os.stat(path).st_mode) == stat.S_IMODE(os.stat(tmp_path / "plain").st_mode)
